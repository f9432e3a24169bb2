package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.model.BackupPolicy;
import io.matriarch.ha.model.BackupPolicy.Incremental;
import io.matriarch.ha.model.BackupPolicy.Job;
import io.matriarch.ha.model.BackupPolicy.Retention;
import io.matriarch.ha.model.BackupPolicy.Source;
import io.matriarch.ha.model.BackupPolicy.Throttle;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads a {@link BackupPolicy}: from section {@code matriarch.backup} of a manager's file, and from the dynamic configuration above it. */
public final class BackupPolicyReader {
    private static final String PATH = "matriarch.backup";
    private static final List<String> FORMATS = List.of("zstd", "lz4", "gzip", "none", "tar.gz");
    private static final int MOST_WORKERS = 64;
    private static final String OFF = "off";
    private static final long LEAST_RATE_KIB = 32;
    private static final long MOST_RATE_KIB = 1_048_576;
    /** Slower, the server's send would block for so long that a network takes the session for dead. */
    private static final long LEAST_FLOOR_KIB = 128;

    private static final Pattern PERCENT = Pattern.compile("([1-9][0-9]{0,3}) ?%");
    private static final int MOST_RISE = 1000;
    private static final long TEN_YEARS_S = 315_576_000L;

    private BackupPolicyReader() {}

    /**
     * A policy, and what was wrong with its source: of what is wrong, the value below holds.
     *
     * @param problems sentences that name key, value and what is allowed
     */
    public record Read(BackupPolicy policy, List<String> problems) {
        public Read {
            problems = List.copyOf(problems);
        }
    }

    /**
     * What holds for the cluster.
     *
     * @param config the dynamic configuration; one that is no JSON object says nothing
     * @param below what holds where it says nothing
     */
    public static Read dynamic(Optional<String> config, BackupPolicy below) {
        Mapping stored = config.flatMap(DynamicConfig::object)
                .map(all -> all.mapping("matriarch").mapping("backup"))
                .orElse(Mapping.EMPTY);
        var problems = new Problems();
        BackupPolicy policy;
        try (Section section = new Section(PATH, stored, problems)) {
            policy = read(section, below);
        }
        return new Read(
                policy,
                problems.sorted().stream().map(p -> p.key() + " " + p.message()).toList());
    }

    static BackupPolicy read(Section section, BackupPolicy below) {
        Map<Job, String> schedules = new EnumMap<>(Job.class);
        schedules.putAll(below.schedules());
        for (Job job : Job.values()) {
            section.parsed(
                            job.key(),
                            BackupPolicyReader::cronOrOff,
                            "five cron fields, for example \"*/30 * * * *\", or off")
                    .ifPresent(cron -> {
                        if (cron.equals(OFF)) {
                            schedules.remove(job);
                        } else {
                            schedules.put(job, cron);
                        }
                    });
        }
        return new BackupPolicy(
                schedules,
                section.parsed("zone", BackupPolicyReader::zone, "a time zone, for example UTC or Europe/Madrid")
                        .orElse(below.zone()),
                section.parsed("format", BackupPolicyReader::format, String.join(", ", FORMATS))
                        .orElse(below.format()),
                section.whole("workers", below.workers(), 0, MOST_WORKERS),
                section.flag("verify", below.verify()),
                section.parsed("source", BackupPolicyReader::source, "leader, replica")
                        .orElse(below.source()),
                section.whole("rate", "kB", LEAST_RATE_KIB, MOST_RATE_KIB).or(below::rateKib),
                incremental(section, below.incremental()),
                throttle(section, below.throttle()),
                retention(section, below.retention()),
                VerificationReader.read(section, below.verification()));
    }

    private static Incremental incremental(Section backup, Incremental below) {
        try (Section section = backup.section("incremental")) {
            return new Incremental(
                    time(section, "full_every", below.fullEvery()),
                    section.whole("longest_chain", below.longestChain(), 2, 1_000));
        }
    }

    private static Throttle throttle(Section backup, Throttle below) {
        try (Section section = backup.section("throttle")) {
            return new Throttle(
                    section.parsed("latency", BackupPolicyReader::rise, "off, or a percentage from 1% to 1000%")
                            .orElse(below.risePercent()),
                    section.whole("floor", "kB", LEAST_FLOOR_KIB, MOST_RATE_KIB).orElse(below.floorKib()));
        }
    }

    /** Within: empty for off. */
    private static Optional<Optional<Integer>> rise(String text) {
        if (isOff(text)) {
            return Optional.of(Optional.empty());
        }
        var percent = PERCENT.matcher(text);
        return percent.matches()
                ? Optional.of(Integer.valueOf(percent.group(1)))
                        .filter(p -> p <= MOST_RISE)
                        .map(Optional::of)
                : Optional.empty();
    }

    private static Retention retention(Section backup, Retention below) {
        int keep = backup.whole("keep", below.keep(), 1, 100_000);
        try (Section section = backup.section("retention")) {
            return new Retention(
                    keep,
                    time(section, "window", below.window()),
                    section.whole("daily", below.daily(), 0, 10_000),
                    section.whole("weekly", below.weekly(), 0, 10_000),
                    section.whole("monthly", below.monthly(), 0, 10_000),
                    time(section, "rollback", below.rollback()),
                    time(section, "delay", below.delay()),
                    section.whole("deletions_per_run", below.deletionsPerRun(), 1, 10_000));
        }
    }

    private static Duration time(Section section, String key, Duration otherwise) {
        return section.whole(key, "s", 0, TEN_YEARS_S).map(Duration::ofSeconds).orElse(otherwise);
    }

    private static Optional<Source> source(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "leader" -> Optional.of(Source.LEADER);
            case "replica" -> Optional.of(Source.REPLICA);
            default -> Optional.empty();
        };
    }

    private static Optional<String> format(String text) {
        return FORMATS.contains(text) ? Optional.of(text) : Optional.empty();
    }

    private static Optional<String> cronOrOff(String text) {
        return isOff(text) ? Optional.of(OFF) : cron(text.strip());
    }

    private static boolean isOff(String text) {
        // Unquoted off is a boolean to YAML.
        String word = text.strip().toLowerCase(Locale.ROOT);
        return word.equals(OFF) || word.equals("false");
    }

    private static Optional<String> cron(String text) {
        return CronFields.areIn(text) ? Optional.of(text) : Optional.empty();
    }

    private static Optional<ZoneId> zone(String text) {
        try {
            return Optional.of(ZoneId.of(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
