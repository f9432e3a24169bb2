package io.matriarch.tests.bench;

import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Endpoint;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Eventually.Look;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What clients of the primary feel of a base backup, with and without the throttle. */
final class Latencies {
    private static final int TRANSACTIONS_PER_SECOND = 100;
    private static final Duration QUIET = Duration.ofSeconds(75);
    private static final double PERCENTILE = 0.99;

    private Latencies() {}

    /** @param scale of pgbench: 68 make about 1 GB */
    static Section throttled(int runs, int scale) {
        var section = new Section(
                "backup-throttled",
                "What clients feel of a base backup, pgbench scale " + scale,
                "A cluster of one member and a manager of its own beside it, on one machine. One pgbench with "
                        + TRANSACTIONS_PER_SECOND
                        + " transactions a second from 4 clients runs all the time; its latencies count from the moment at which a transaction"
                        + " was due. The p99 of the " + QUIET.toSeconds()
                        + " s before each copy, in which there is a checkpoint as there is one in each copy (`checkpoint_timeout` is a minute),"
                        + " beside the p99 while it ran: with `throttle.latency: 25%` and the default floor, and without.");
        try (var cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withMembers(1))) {
            var manager = Backups.manager(cluster);
            try {
                Backups.load(cluster, scale);
                checkpointsEachMinute(cluster);
                for (int run = 0; run < runs; run++) {
                    section.noteLoad();
                    try (var load = new Load(cluster)) {
                        measure(section, manager, load, "25%", "throttled", "<= 1.25");
                        measure(section, manager, load, "off", "not throttled", "-");
                    }
                }
            } finally {
                manager.destroy();
            }
        }
        return section;
    }

    private static void checkpointsEachMinute(MatriarchCluster cluster) {
        try {
            cluster.configure("{\"postgresql\":{\"parameters\":{\"checkpoint_timeout\":\"60s\"}}}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Eventually.holds(
                "a checkpoint each minute",
                Duration.ofMinutes(1),
                () -> Sql.ask(cluster.primary().endpoint(), "show checkpoint_timeout")
                        .equals("1min"));
    }

    private static void measure(
            Section section, Member manager, Load load, String throttle, String word, String promise) {
        pause(QUIET);
        var job = copy(manager, throttle);
        var began = Instant.parse(String.valueOf(job.get("started_at")));
        var ended = Instant.parse(String.valueOf(job.get("ended_at")));
        // The rows of transactions that end now are written with the next second's.
        pause(Duration.ofSeconds(2));
        double before = load.p99(began.minus(QUIET), began);
        double during = load.p99(began, ended);
        section.add(word + ": p99 before", "ms", "-", before);
        section.add(word + ": p99 during the copy", "ms", "-", during);
        section.add(word + ": ratio", "", promise, during / before);
        section.add(
                word + ": the copy takes",
                "s",
                "-",
                Duration.between(began, ended).toMillis() / 1000.0);
    }

    private static Map<?, ?> copy(Member manager, String throttle) {
        try {
            var answer = manager.http()
                    .post(
                            manager.restUrl("/matriarch/v1/jobs"),
                            "{\"job\":\"base-backup\",\"parameters\":{\"throttle\":\"" + throttle + "\"}}");
            if (answer.status() != 202) {
                throw new IllegalStateException(answer.body());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Eventually.find("the copy to end", Duration.ofMinutes(5), () -> {
            var job = Backups.first(manager, "jobs?job=base-backup&limit=1", "jobs");
            var state = String.valueOf(job.get("state")).toUpperCase(java.util.Locale.ROOT);
            if (state.equals("FAILED")) {
                throw new IllegalStateException(String.valueOf(job));
            }
            return state.equals("COMPLETED") ? Look.found(job) : Look.missing(state);
        });
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** A pgbench that runs until it is closed, and writes down each transaction. */
    private static final class Load implements AutoCloseable {
        private final Path directory = Workplace.newDirectory();
        private final Process process;

        private Load(MatriarchCluster cluster) {
            var at = cluster.primary();
            var command = new ArrayList<>(List.of(
                    Workplace.postgresBin().resolve("pgbench").toString(), "-n", "-l", "-c", "4", "-j", "1", "-T"));
            command.addAll(List.of("3600", "-R", Integer.toString(TRANSACTIONS_PER_SECOND)));
            command.addAll(List.of("-h", at.host().address(), "-p", Integer.toString(at.postgresPort())));
            command.addAll(List.of("-U", Endpoint.USER, "postgres"));
            var builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("said").toFile());
            builder.environment().put("PGPASSWORD", Endpoint.PASSWORD);
            try {
                process = builder.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** In milliseconds, of what ended between the two moments. */
        private double p99(Instant from, Instant to) {
            try (Stream<Path> files = Files.list(directory)) {
                var log = files.filter(f -> String.valueOf(f.getFileName()).startsWith("pgbench_log"))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("pgbench writes no log"));
                var micros = new ArrayList<Long>();
                for (String line : Files.readAllLines(log)) {
                    var fields = line.split(" ", -1);
                    // A line that is being written lacks its end.
                    if (fields.length < 7) {
                        continue;
                    }
                    var ended = Instant.ofEpochSecond(Long.parseLong(fields[4]), Long.parseLong(fields[5]) * 1000);
                    if (!ended.isBefore(from) && ended.isBefore(to)) {
                        micros.add(Long.parseLong(fields[2]));
                    }
                }
                micros.sort(Long::compare);
                return micros.get((int) Math.ceil(micros.size() * PERCENTILE) - 1) / 1000.0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            process.destroy();
            process.onExit().join();
            Workplace.remove(directory);
        }
    }
}
