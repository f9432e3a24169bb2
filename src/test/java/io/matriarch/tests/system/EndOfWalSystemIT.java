package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.adapter.postgres.LocalPostgresProbe;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.SinglePostgres;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The end of WAL of a killed primary is found exactly: PostgreSQL's own recovery, started afterwards, stops at the same byte.
 */
final class EndOfWalSystemIT {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final int PAGE = 8192;
    private static final Pattern INVALID =
            Pattern.compile("LOG: .* at ([0-9A-F]+/[0-9A-F]+)(:.*)?$", Pattern.MULTILINE);
    private static final Pattern LOCATION = Pattern.compile("Latest checkpoint location: +([0-9A-F]+/[0-9A-F]+)");
    private static final Pattern REDO = Pattern.compile("Latest checkpoint's REDO location: +([0-9A-F]+/[0-9A-F]+)");
    private static final String SMALL_SEGMENTS =
            "autovacuum = off\ncheckpoint_timeout = 30s\nmax_wal_size = 8MB\nmin_wal_size = 4MB\nshared_buffers = 32MB\n";

    /** What a round does just before the kill. */
    private enum Before {
        NOTHING,
        SWITCH,
        LONG_RECORDS,
        CHECKPOINT,
        SWITCH_AND_NO_NEXT_SEGMENT
    }

    @Test
    void recoveryStopsWhereTheReaderDoesUnderLoad() throws Exception {
        int rounds = Integer.getInteger("matriarch.endOfWalRounds", 10);
        var random = new Random(20261123);
        try (var pg = SinglePostgres.init("--wal-segsize=1")) {
            pg.configure(SMALL_SEGMENTS);
            pg.start();
            pg.run(
                    "pgbench",
                    List.of(
                            "-i",
                            "-q",
                            "-s",
                            "2",
                            "-h",
                            "127.0.0.1",
                            "-p",
                            "" + pg.port(),
                            "-U",
                            "postgres",
                            "postgres"));
            pg.ask("CREATE TABLE big (t text)");
            pg.ask("ALTER TABLE big ALTER t SET STORAGE EXTERNAL");
            for (int round = 0; round < rounds; round++) {
                Before before = Before.values()[round % Before.values().length];
                Lsn flushed = killUnderLoad(pg, before, random);
                recoverAndCompare(pg, flushed, before + " in round " + round);
            }
        }
    }

    @Test
    void endRightAfterACleanStopIsTheShutdownCheckpoint() throws Exception {
        try (var pg = SinglePostgres.init()) {
            pg.start();
            pg.ask("CREATE TABLE t AS SELECT generate_series(1, 1000)");
            pg.stop("fast");
            Lsn checkpoint = control(pg, LOCATION);
            try (var probe = pg.probe()) {
                // A shutdown checkpoint record has 114 bytes, aligned 120.
                assertThat(probe.endOfWal(new Timeline(1), checkpoint, BOUND))
                        .contains(new Lsn(checkpoint.bytes() + 120));
            }
        }
    }

    @Test
    void damagedWalBeforeTheKnownPositionGivesNoAnswer() throws Exception {
        try (var pg = SinglePostgres.init()) {
            pg.start();
            pg.ask("CREATE TABLE t AS SELECT generate_series(1, 20000)");
            Lsn flushed = Lsn.parse(pg.ask("SELECT pg_current_wal_flush_lsn()"));
            pg.killAll();
            long damaged = flushed.bytes() - 20_000;
            Path segment = pg.data().resolve("pg_wal").resolve(segmentName(damaged, 16 << 20));
            try (var file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9}), damaged % (16 << 20));
            }
            try (var probe = pg.probe()) {
                Lsn redo = control(pg, REDO);
                assertThat(probe.endOfWal(new Timeline(1), flushed, BOUND)).isEmpty();
                // From where nothing is claimed to be beyond the damage, the damage is the end.
                assertThat(probe.endOfWal(new Timeline(1), redo, BOUND)).get().satisfies(end -> {
                    assertThat(end.bytes()).isLessThanOrEqualTo(damaged);
                });
            }
        }
    }

    /** A record that ran over a page boundary when the host died: its first page is there, the rest was never written. */
    @Test
    void unfinishedRecordIsNotPartOfTheEnd() throws Exception {
        try (var pg = SinglePostgres.init("--wal-segsize=1")) {
            pg.configure(SMALL_SEGMENTS);
            pg.start();
            pg.ask("CREATE TABLE big (t text)");
            pg.ask("ALTER TABLE big ALTER t SET STORAGE EXTERNAL");
            for (int round = 0; round < 6; round++) {
                pg.ask("INSERT INTO big SELECT repeat(md5(i::text), 3000) FROM generate_series(1, 5) i");
                Lsn flushed = Lsn.parse(pg.ask("SELECT pg_current_wal_flush_lsn()"));
                pg.killAll();
                // Records of a big value fill most of a page each, so a cut at any page boundary goes through one.
                long cut = flushed.bytes() / PAGE * PAGE - (1 + round) * (long) PAGE;
                eraseFrom(pg, cut);
                // A page was flushed as a whole: the last known position may be this boundary, in the midst of a
                // record.
                recoverAndCompare(pg, new Lsn(cut), "cut at " + new Lsn(cut));
                pg.ask("TRUNCATE big");
            }
        }
    }

    private static void eraseFrom(SinglePostgres pg, long address) throws IOException {
        for (long at = address; at < (address / (1 << 20) + 2) * (1 << 20); at += PAGE) {
            Path segment = pg.data().resolve("pg_wal").resolve(segmentName(at, 1 << 20));
            if (Files.exists(segment)) {
                try (var file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
                    file.write(ByteBuffer.allocate(PAGE), at % (1 << 20));
                }
            }
        }
    }

    @Test
    void livingPostgresGivesNoAnswer() throws Exception {
        try (var pg = SinglePostgres.init()) {
            pg.start();
            Lsn flushed = Lsn.parse(pg.ask("SELECT pg_current_wal_flush_lsn()"));
            try (var probe = pg.probe()) {
                assertThat(probe.endOfWal(new Timeline(1), flushed, BOUND)).isEmpty();
            }
        }
    }

    /** Returns the last flush position that was seen before the kill. */
    private static Lsn killUnderLoad(SinglePostgres pg, Before before, Random random) throws IOException, SQLException {
        Process bench = new ProcessBuilder(SinglePostgres.command(
                        "pgbench",
                        List.of(
                                "-n",
                                "-c",
                                "6",
                                "-j",
                                "1",
                                "-T",
                                "60",
                                "-h",
                                "127.0.0.1",
                                "-p",
                                "" + pg.port(),
                                "-U",
                                "postgres",
                                "postgres")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            String start = pg.ask("SELECT pg_current_wal_lsn()");
            long wanted = 200_000 + random.nextInt(2_500_000);
            Eventually.holds(
                    "WAL grows",
                    Duration.ofSeconds(60),
                    () -> Long.parseLong(pg.ask("SELECT (pg_current_wal_lsn() - '" + start + "')::bigint")) > wanted);
            switch (before) {
                case NOTHING -> {}
                case CHECKPOINT -> pg.ask("CHECKPOINT");
                case LONG_RECORDS ->
                    pg.ask("INSERT INTO big SELECT repeat(md5(i::text), 60000) FROM generate_series(1, 3) i");
                case SWITCH, SWITCH_AND_NO_NEXT_SEGMENT -> {
                    bench.destroy();
                    Eventually.holds(
                            "load has ended",
                            Duration.ofSeconds(20),
                            () -> pg.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench'")
                                    .equals("0"));
                    // One that is under way would end in the next segment, and what that holds must not be needed.
                    pg.ask("CHECKPOINT");
                    pg.ask("SELECT pg_switch_wal()");
                }
            }
            Lsn flushed = Lsn.parse(pg.ask("SELECT pg_current_wal_flush_lsn()"));
            pg.killAll();
            if (before == Before.SWITCH_AND_NO_NEXT_SEGMENT) {
                Files.deleteIfExists(pg.data().resolve("pg_wal").resolve(segmentName(flushed.bytes(), 1 << 20)));
            }
            return flushed;
        } finally {
            bench.descendants().forEach(ProcessHandle::destroyForcibly);
            bench.destroyForcibly();
        }
    }

    private static void recoverAndCompare(SinglePostgres pg, Lsn flushed, String where) throws Exception {
        Lsn checkpoint = control(pg, LOCATION);
        Optional<Lsn> end;
        Optional<Lsn> fromCheckpoint;
        try (LocalPostgresProbe probe = pg.probe()) {
            end = probe.endOfWal(new Timeline(1), flushed, BOUND);
            fromCheckpoint = probe.endOfWal(new Timeline(1), checkpoint, BOUND);
        }
        long logged = Files.size(pg.log());
        pg.start();
        String log = Files.readString(pg.log()).substring((int) logged);
        Lsn recovered = control(pg, LOCATION);
        assertThat(end).as("%s, flushed %s, log %s", where, flushed, log).isPresent();
        assertThat(fromCheckpoint)
                .as("%s, from checkpoint %s", where, checkpoint)
                .isEqualTo(end);
        // Recovery writes its own checkpoint where the valid WAL ended; a page header may come first.
        long gap = recovered.minus(end.get());
        boolean pageHeader = end.get().bytes() % PAGE == 0 && gap <= 40;
        assertThat(gap == 0 || pageHeader || overwritten(end.get(), recovered))
                .as("%s: recovery wrote on at %s, the reader ended at %s: %s", where, recovered, end, log)
                .isTrue();
        var invalid = INVALID.matcher(log);
        while (invalid.find()) {
            if (invalid.group().contains("invalid record length")
                    || invalid.group().contains("incorrect resource manager data")) {
                assertThat(Lsn.parse(invalid.group(1)).minus(end.get()))
                        .as(where + log)
                        .isBetween(0L, 40L);
            }
        }
    }

    /**
     * The last record began on one page and its rest was missing on a later one: recovery says so in a record of its own
     * (XLOG_OVERWRITE_CONTRECORD, 48 bytes with padding), first on that page, and goes on after it.
     */
    private static boolean overwritten(Lsn end, Lsn recovered) {
        long page = recovered.bytes() / PAGE * PAGE;
        int header = page % (1 << 20) == 0 ? 40 : 24;
        return page > end.bytes() && recovered.bytes() == page + header + 48;
    }

    private static Lsn control(SinglePostgres pg, Pattern line) {
        var m = line.matcher(pg.run("pg_controldata", List.of("-D", pg.data().toString())));
        assertThat(m.find()).isTrue();
        return Lsn.parse(m.group(1));
    }

    private static String segmentName(long address, int segmentBytes) {
        long number = address / segmentBytes;
        long perLog = 0x1_0000_0000L / segmentBytes;
        return String.format("00000001%08X%08X", number / perLog, number % perLog);
    }
}
