package io.matriarch.tests.bench;

import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Endpoint;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Eventually.Look;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Signals;
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
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a base backup and a restore take, beside what PostgreSQL's own programs take for the same bytes. */
final class Backups {
    private static final double MIB = 1 << 20;
    private static final double NANOS = 1e9;
    private static final Duration LONG = Duration.ofMinutes(30);
    private static final Pattern RESTORED = Pattern.compile("restored in ([0-9.]+) s");

    private Backups() {}

    /** @param scale of pgbench: 68 make about 1 GB */
    static Section copies(String key, int runs, int scale) {
        var section = new Section(
                key,
                "Base backup and restore, pgbench scale " + scale,
                "A cluster of one member and a manager of its own beside it; the WAL stream runs. The job `base-backup` in the default format, and"
                        + " `pg_basebackup -Ft -X fetch` with the same compression and threads before it in each run; between them pgBackRest with zst and two processes, a full"
                        + " backup without its check of archived WAL. Restore: what `verify-backup` needs until the"
                        + " restored server accepts connections, checksums of all files included, and `zstd -dc | tar -x` with the start of"
                        + " PostgreSQL. A first turn of all of them right after the database was loaded is not counted.");
        try (var cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withMembers(1))) {
            var manager = manager(cluster);
            try {
                load(cluster, scale);
                section.add(
                        "data directory", "MiB", "-", bytes(cluster.primary().dataDirectory()) / MIB);
                // What was loaded a moment ago is still being written and analyzed.
                measure(new Section(key, "", ""), cluster, manager);
                for (int run = 0; run < runs; run++) {
                    section.noteLoad();
                    measure(section, cluster, manager);
                }
            } finally {
                manager.destroy();
            }
        }
        return section;
    }

    static Member manager(MatriarchCluster cluster) {
        var manager = cluster.addMember(Optional.of("manager"), "manager");
        try {
            manager.configure(Files.readString(manager.configuration())
                    + "matriarch:\n  roles: manager\n  backup:\n    verify: false\n" + Workplace.NO_SCHEDULES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        manager.start();
        Eventually.find("an elected manager", Duration.ofMinutes(2), () -> {
            var answer = manager.http().get(manager.restUrl("/matriarch/v1/schedules"));
            return answer.status() == 200 ? Look.found(true) : Look.missing(answer.body());
        });
        return manager;
    }

    static void load(MatriarchCluster cluster, int scale) {
        var at = cluster.primary();
        run(List.of(
                "env",
                "PGPASSWORD=" + Endpoint.PASSWORD,
                Workplace.postgresBin().resolve("pgbench").toString(),
                "-i",
                "-q",
                "-s",
                Integer.toString(scale),
                "-h",
                at.host().address(),
                "-p",
                Integer.toString(at.postgresPort()),
                "-U",
                Endpoint.USER,
                "postgres"));
    }

    private static void measure(Section section, MatriarchCluster cluster, Member manager) {
        var plain = cluster.directory().resolve("plain");
        Workplace.ownedByPostgres(plain);
        try {
            var at = cluster.primary();
            var copy = "PGPASSWORD=matriarch-replication "
                    + Workplace.postgresBin().resolve("pg_basebackup") + " -h "
                    + at.host().address() + " -p "
                    + at.postgresPort()
                    + " -U replicator -Ft -X fetch -c fast --compress=server-zstd:level=1,workers=2 -D "
                    + plain.resolve("copy");
            double theirs = seconds(() -> run(asPostgres(copy)));
            double backRest = backRest(cluster, plain.resolve("pgbackrest"));
            long resident = Signals.residentKib(manager.agent().pid());
            var label = backup(section, manager, theirs, backRest);
            section.add(
                    "manager's resident memory, growth by the copy",
                    "MiB",
                    "flat",
                    Math.max(0, Signals.residentKib(manager.agent().pid()) - resident) / 1024.0);
            double start = restorePlain(plain);
            section.add("plain extraction and start of PostgreSQL", "s", "-", start);
            restore(section, manager, label, start);
        } finally {
            Workplace.remove(plain);
        }
    }

    private static double backRest(MatriarchCluster cluster, Path home) {
        var at = cluster.primary();
        var program = "pgbackrest --stanza=bench --pg1-path=" + at.dataDirectory() + " --repo1-path="
                + home.resolve("repository") + " --lock-path=" + home + " --log-path=" + home + " --pg1-port="
                + at.postgresPort() + " --pg1-socket-path=" + at.directory() + " --pg1-user=" + Endpoint.USER;
        run(asPostgres("mkdir " + home + " && " + program + " stanza-create"));
        var backup = program + " --compress-type=zst --process-max=2 --start-fast --no-archive-check backup";
        return seconds(() -> run(asPostgres(backup)));
    }

    private static String backup(Section section, Member manager, double theirs, double backRest) {
        matriarch(manager, "backup");
        var newest = first(manager, "jobs?job=base-backup&limit=1", "jobs");
        double ours = between(newest, "started_at", "ended_at");
        section.add("base-backup, whole job", "s", "<= 1.15 x pg_basebackup", ours);
        section.add("pg_basebackup", "s", "-", theirs);
        section.add("ratio of the copies", "", "<= 1.15", ours / theirs);
        section.add("pgBackRest, zst, two processes", "s", "-", backRest);
        section.addMoreIsBetter("times faster than pgBackRest", "", ">= 3", backRest / ours);
        var backup = first(manager, "backups", "backups");
        section.add("stored", "MiB", "-", ((Number) backup.get("bytes")).doubleValue() / MIB);
        return String.valueOf(backup.get("label"));
    }

    private static void restore(Section section, Member manager, String label, double plain) {
        Matcher said = RESTORED.matcher(matriarch(manager, "verify", label));
        if (!said.find()) {
            throw new IllegalStateException("the verification names no time");
        }
        double restored = Double.parseDouble(said.group(1));
        section.add("restore until it accepts connections", "s", "<= 1.2 x plain", restored);
        section.add("ratio of the restores", "", "<= 1.2", restored / plain);
    }

    private static double restorePlain(Path plain) {
        var data = plain.resolve("data");
        var script = "umask 077 && mkdir " + data + " && cd " + data + " && zstd -dc ../copy/base.tar.zst | tar -x && "
                + Workplace.postgresBin().resolve("pg_ctl") + " start -w -D " + data + " -l " + plain.resolve("log")
                + " -o \"-c listen_addresses='' -c unix_socket_directories=" + plain + " -c config_file=" + data
                + "/postgresql.conf -c archive_mode=off\"";
        double start = seconds(() -> run(asPostgres(script)));
        run(asPostgres(Workplace.postgresBin().resolve("pg_ctl") + " stop -w -m immediate -D " + data));
        return start;
    }

    private static String run(List<String> command) {
        return Command.run(command, LONG);
    }

    private static List<String> asPostgres(String script) {
        var command = List.of("bash", "-c", script);
        if (!Workplace.root()) {
            return command;
        }
        var all = new ArrayList<>(List.of("setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"));
        all.addAll(command);
        return all;
    }

    private static double seconds(Runnable work) {
        long begin = System.nanoTime();
        work.run();
        return (System.nanoTime() - begin) / NANOS;
    }

    private static double between(Map<?, ?> job, String from, String to) {
        return Duration.between(
                                Instant.parse(String.valueOf(job.get(from))),
                                Instant.parse(String.valueOf(job.get(to))))
                        .toMillis()
                / 1000.0;
    }

    static Map<?, ?> first(Member manager, String path, String list) {
        try {
            var answer = manager.http().get(manager.restUrl("/matriarch/v1/" + path));
            if (answer.json() instanceof Map<?, ?> document
                    && document.get(list) instanceof List<?> all
                    && !all.isEmpty()
                    && all.get(0) instanceof Map<?, ?> newest) {
                return newest;
            }
            throw new IllegalStateException(path + ": " + answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String matriarch(Member manager, String... words) {
        var all = new ArrayList<>(Workplace.launcher());
        all.addAll(List.of(words));
        all.addAll(List.of("--url", manager.restUrl("")));
        return run(all);
    }

    private static long bytes(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
