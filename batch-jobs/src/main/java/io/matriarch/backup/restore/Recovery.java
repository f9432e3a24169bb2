package io.matriarch.backup.restore;

import io.matriarch.backup.sandbox.Instance;
import io.matriarch.backup.sandbox.TableCounts;
import io.matriarch.ha.model.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** The restored server: its settings, its way to the target, and what it holds there. */
final class Recovery {
    /** In the server's own log, whatever the kind of target. */
    private static final String REACHED = "recovery stopping ";

    private static final String NOT_REACHED = "recovery ended before configured recovery target was reached";
    private static final List<String> OWN_FILES =
            List.of("postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf");
    private static final String RESTORED = ".restored";
    /** In the data directory, while the server took another one. */
    private static final String UNUSED = ".unused";

    private static final String TARGET = "matriarch-recovery.conf";
    private static final Duration START = Duration.ofHours(12);
    private static final Duration READ = Duration.ofHours(12);
    private static final Duration QUESTION = Duration.ofMinutes(1);
    private static final Duration STALLED = Duration.ofMinutes(15);
    private static final long LOOK_NANOS = 250_000_000L;
    private static final int COLLATION_VERSIONS_SINCE = 15;

    private final Site site;
    private final Places places;
    private final Ledger ledger;
    private final Instance instance;

    Recovery(Site site, Places places, Ledger ledger) {
        this.site = site;
        this.places = places;
        this.ledger = ledger;
        this.instance = site.instance(places);
    }

    /** Puts the cluster's own files beside, and ours in their places. */
    void configure(int port, Map<String, Long> least) throws IOException {
        for (String name : OWN_FILES) {
            Path unused = places.data().resolve(name + UNUSED);
            Path elsewhere = places.configuration().resolve(name);
            Path restored = places.data().resolve(name + RESTORED);
            boolean isUnused = Files.exists(elsewhere) || Files.exists(unused);
            putAside(places.data().resolve(name), isUnused ? unused : restored);
            putAside(elsewhere, restored);
        }
        write("pg_hba.conf", """
                # The socket lies in a directory that only the owner of this server can enter.
                local all all trust
                host all all 127.0.0.1/32 scram-sha-256
                """);
        write("pg_ident.conf", "");
        write("postgresql.auto.conf", "");
        write(TARGET, target());
        write("postgresql.conf", """
                # Of a restored server that stands apart. The cluster's own settings: postgresql.conf.restored.
                listen_addresses = '127.0.0.1'
                port = %d
                hot_standby = on
                lc_messages = 'C'
                include_if_exists = '%s'
                """.formatted(port, TARGET) + instance.isolation() + instance.noLess(least));
        // The copy of a replica has one, and would go on as a standby instead of ending at the target.
        Files.deleteIfExists(places.data().resolve("standby.signal"));
        site.run("touch", places.data().resolve("recovery.signal").toString());
        moveTablespaces();
        Files.deleteIfExists(places.marker());
    }

    private static void putAside(Path from, Path to) throws IOException {
        // Ours are written after all were moved: what has been moved before is not moved again.
        if (Files.exists(from) && !Files.exists(to)) {
            Files.move(from, to);
        }
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(places.data().resolve(name), text);
    }

    private String target() {
        var plan = ledger.plan();
        var text = new StringBuilder("restore_command = 'cp \"")
                .append(places.wal())
                .append("/%f\" \"%p\"'\nrecovery_target_timeline = '")
                .append(plan.timeline())
                .append("'\nrecovery_target_action = 'pause'\nrecovery_target_inclusive = on\n");
        plan.settings()
                .forEach((name, value) -> text.append(name)
                        .append(" = '")
                        .append(value.replace("'", "''"))
                        .append("'\n"));
        return text.toString();
    }

    private void moveTablespaces() throws IOException {
        Path map = places.data().resolve("tablespace_map");
        if (Files.exists(map)) {
            var lines = new ArrayList<String>();
            for (String line : Files.readAllLines(map)) {
                var oid = line.split(" ", 2)[0];
                lines.add(oid + " " + places.tablespaces().resolve(oid));
            }
            Files.write(map, lines);
        }
    }

    /** Starts it, unless it runs, and waits until it can be asked. */
    void start() throws IOException {
        if (!instance.runs()) {
            var failed = instance.start(START, "");
            if (failed.isPresent()) {
                throw failed(failed.get());
            }
        }
        // One that an earlier run has started may still be on its way.
        long began = System.nanoTime();
        while (true) {
            var asked = instance.ask(site.superuser(), "postgres", "select 1\n", QUESTION);
            if (asked.well()) {
                return;
            }
            site.progress().mayGoOn();
            if (!instance.runs() || System.nanoTime() - began > START.toNanos()) {
                throw failed(asked.lastWords() + instance.endOfLog());
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private IOException failed(String why) throws IOException {
        if (log().contains(NOT_REACHED)) {
            return new IOException("the WAL ended before "
                    + ledger.request().target().words()
                    + " was reached; what is there ends at " + ledger.plan().end()
                    + ": choose an earlier target, or the latest");
        }
        return new IOException("the restored PostgreSQL did not get there: " + why);
    }

    /** Whether it replays, or waits at its target. */
    boolean recovers() throws IOException {
        return answer("select pg_is_in_recovery()").equals("t");
    }

    /** Waits until it pauses at the target; blocks for as long as replay goes on. */
    void awaitTarget() throws IOException {
        long total = Math.max(1, ledger.plan().end().minus(ledger.plan().start()));
        var at = Lsn.ZERO;
        long movedAt = System.nanoTime();
        while (true) {
            site.progress().mayGoOn();
            var said = instance.ask(
                    site.superuser(),
                    "postgres",
                    "select pg_is_wal_replay_paused(), coalesce(pg_last_wal_replay_lsn(), '0/0')\n",
                    QUESTION);
            if (!said.well()) {
                throw failed(said.lastWords() + instance.endOfLog());
            }
            var part = said.output().strip().split("\\|");
            var now = Lsn.parse(part[1]);
            site.progress()
                    .at("replaying WAL", Math.clamp(now.minus(ledger.plan().start()), 0, total), total);
            if (part[0].equals("t")) {
                return;
            }
            if (!now.equals(at)) {
                at = now;
                movedAt = System.nanoTime();
            } else if (System.nanoTime() - movedAt > STALLED.toNanos()) {
                throw new IOException(
                        "replay has stood at " + at + " for " + STALLED.toMinutes() + " minutes" + instance.endOfLog());
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Proves by the server's own words that it stopped at the target, and records where. */
    void proveTarget() throws IOException {
        var stopping = log().lines().filter(l -> l.contains(REACHED)).reduce((a, b) -> b);
        if (stopping.isEmpty()) {
            throw new IOException("replay pauses, but not at the target" + instance.endOfLog());
        }
        var text = stopping.get();
        ledger.record("stopped", text.substring(text.indexOf(REACHED) + REACHED.length()));
        ledger.record("replayed_to", answer("select pg_last_wal_replay_lsn()"));
        ledger.record(
                "last_commit",
                answer("select coalesce(to_char(pg_last_xact_replay_timestamp() at time zone 'UTC',"
                        + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '')"));
    }

    private String log() throws IOException {
        return Files.isReadable(instance.log())
                ? new String(Files.readAllBytes(instance.log()), StandardCharsets.UTF_8)
                : "";
    }

    /** Reads every table of every database. */
    TableCounts read() throws IOException {
        return TableCounts.read(
                (database, script, bound) -> instance.ask(site.superuser(), database, script, bound), READ);
    }

    /** Databases whose text was sorted by another version of the collation than the one of this machine. */
    Optional<String> otherCollations(int major) throws IOException {
        if (major < COLLATION_VERSIONS_SINCE) {
            return Optional.empty();
        }
        var databases = answer("select string_agg(quote_ident(datname), ', ') from pg_database where datallowconn"
                + " and datcollversion <> pg_database_collation_actual_version(oid)");
        return Optional.of(databases).filter(d -> !d.isBlank());
    }

    /** For a number of the major version, from {@code server_version_num}. */
    int major() throws IOException {
        return Integer.parseInt(answer("show server_version_num")) / 10_000;
    }

    /** Makes it writable, unless it is, and proves that. */
    void promote() throws IOException {
        if (recovers()) {
            instance.promote(START);
        }
        if (recovers()) {
            throw new IOException(
                    "the restored PostgreSQL was promoted, but is in recovery still" + instance.endOfLog());
        }
        Files.deleteIfExists(places.data().resolve(TARGET));
    }

    private String answer(String question) throws IOException {
        return instance.ask(site.superuser(), "postgres", question + "\n", QUESTION)
                .must()
                .output()
                .strip();
    }
}
