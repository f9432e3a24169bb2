package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Sequence;
import io.matriarch.ha.model.BackupPolicy.Assertion;
import io.matriarch.ha.model.BackupPolicy.Losses;
import io.matriarch.ha.model.BackupPolicy.Replay;
import io.matriarch.ha.model.BackupPolicy.Verification;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Reads {@code matriarch.backup.heartbeat} and {@code matriarch.backup.verification}. */
final class VerificationReader {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}");
    private static final Pattern DATABASE = Pattern.compile("[^\\p{Cntrl}=]{1,63}");
    private static final int LONGEST_SQL = 4_000;
    private static final int MOST_ASSERTIONS = 100;
    private static final long LONGEST_HEARTBEAT_S = 3_600;
    private static final long A_DAY_S = 86_400;

    private VerificationReader() {}

    static Verification read(Section backup, Verification below) {
        var heartbeat = backup.parsed(
                        "heartbeat",
                        VerificationReader::heartbeat,
                        "from 1 to 3600 (in s), or with a unit: 10s, or off")
                .orElse(below.heartbeat());
        try (Section section = backup.section("verification")) {
            return new Verification(
                    section.parsed("replay", VerificationReader::replay, "random, consistency")
                            .orElse(below.replay()),
                    section.whole("every", below.every(), 1, 10_000),
                    heartbeat,
                    section.whole("tolerance", "s", 0, A_DAY_S)
                            .map(Duration::ofSeconds)
                            .orElse(below.tolerance()),
                    section.parsed("losses", VerificationReader::losses, "report, suspect")
                            .orElse(below.losses()),
                    section.whole("row_drop", below.rowDropPercent(), 0, 100),
                    assertions(section, below.assertions()));
        }
    }

    private static Optional<Duration> heartbeat(String text) {
        if (text.equals("off") || text.equals("false")) {
            return Optional.of(Duration.ZERO);
        }
        OptionalLong seconds = Units.whole(text, "s");
        return seconds.isPresent() && seconds.getAsLong() >= 1 && seconds.getAsLong() <= LONGEST_HEARTBEAT_S
                ? Optional.of(Duration.ofSeconds(seconds.getAsLong()))
                : Optional.empty();
    }

    private static Optional<Replay> replay(String text) {
        return switch (text) {
            case "random" -> Optional.of(Replay.RANDOM);
            case "consistency" -> Optional.of(Replay.CONSISTENCY);
            default -> Optional.empty();
        };
    }

    private static Optional<Losses> losses(String text) {
        return switch (text) {
            case "report" -> Optional.of(Losses.REPORT);
            case "suspect" -> Optional.of(Losses.SUSPECT);
            default -> Optional.empty();
        };
    }

    /** Those that are right hold; each that is not is named. */
    private static List<Assertion> assertions(Section section, List<Assertion> below) {
        Optional<Node> written = section.node("assertions");
        if (written.isEmpty()) {
            return below;
        }
        if (!(written.get() instanceof Sequence sequence)) {
            section.error("assertions", "must be a list of {name, database, sql, expects}");
            return below;
        }
        if (sequence.items().size() > MOST_ASSERTIONS) {
            section.error(
                    "assertions", "has " + sequence.items().size() + " items; allowed: at most " + MOST_ASSERTIONS);
            return below;
        }
        var assertions = new ArrayList<Assertion>();
        var names = new HashSet<String>();
        for (int i = 0; i < sequence.items().size(); i++) {
            String at = section.dotted("assertions[" + i + "]");
            if (sequence.items().get(i) instanceof Mapping mapping) {
                try (Section one = new Section(at, mapping, section.problems())) {
                    assertion(one, names).ifPresent(assertions::add);
                }
            } else {
                section.problems()
                        .error(
                                at,
                                "must be a map {name, database, sql, expects}",
                                sequence.items().get(i).at());
            }
        }
        return assertions;
    }

    private static Optional<Assertion> assertion(Section one, HashSet<String> names) {
        Optional<String> name = required(one, "name", NAME, "1 to 63 letters, digits, blanks, \".\", \"_\" or \"-\"");
        Optional<String> sql = sql(one);
        boolean hasDatabase = one.has("database");
        Optional<String> database = hasDatabase
                ? required(one, "database", DATABASE, "the name of a database, at most 63 characters")
                : Optional.empty();
        String expects =
                one.scalar("expects", "text").map(VerificationReader::text).orElse("t");
        if (name.isEmpty() || sql.isEmpty() || hasDatabase && database.isEmpty()) {
            return Optional.empty();
        }
        if (!names.add(name.get())) {
            one.error("name", "\"" + name.get() + "\" is there twice; allowed: one assertion of each name");
            return Optional.empty();
        }
        return Optional.of(new Assertion(name.get(), database, sql.get(), expects));
    }

    /** True and false as PostgreSQL writes them. */
    private static String text(Node.Scalar scalar) {
        return scalar.kind() == Node.Kind.FLAG
                ? scalar.text().substring(0, 1)
                : scalar.text().strip();
    }

    private static Optional<String> required(Section one, String key, Pattern allowed, String words) {
        if (!one.has(key)) {
            one.error(key, "is missing; allowed: " + words);
            return Optional.empty();
        }
        return one.parsed(
                key, text -> Optional.of(text).filter(t -> allowed.matcher(t).matches()), words);
    }

    /** A backslash would begin a command of psql, which may be one of the operating system. */
    private static Optional<String> sql(Section one) {
        Optional<String> sql = one.text("sql");
        if (sql.filter(s -> s.length() <= LONGEST_SQL && !s.startsWith("\\") && s.indexOf(0) < 0)
                .isEmpty()) {
            one.error(
                    "sql",
                    (sql.isEmpty() ? "is missing" : "is none that can be asked")
                            + "; allowed: one SQL statement of at most " + LONGEST_SQL
                            + " characters that does not begin with a backslash");
            return Optional.empty();
        }
        return sql;
    }
}
