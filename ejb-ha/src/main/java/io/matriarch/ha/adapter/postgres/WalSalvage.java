package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.port.PostgresControl.Progress;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Saves the WAL that a diverged member has and its new leader lacks, with a list of the transactions in it, to
 * {@code <state>/diverged/<UTC>-tl<N>-<LSN>/}: the segments themselves, {@code records.txt} (what pg_waldump says) and
 * {@code summary.json}. Everything is on disk before the directory gets its name.
 */
final class WalSalvage {
    private static final Logger LOG = Logger.getLogger(WalSalvage.class);
    private static final long SPARE_BYTES = 64L << 20;
    private static final long RECORDS_LIMIT_BYTES = 32L << 20;
    private static final int TRANSACTIONS_LIMIT = 10_000;
    private static final Duration DUMP_LIMIT = Duration.ofMinutes(10);
    private static final Pattern RECORD = Pattern.compile(
            "rmgr: (\\S+)\\s+len \\(rec/tot\\):\\s*[0-9]+/\\s*([0-9]+), tx:\\s*([0-9]+), lsn: ([0-9A-F]+/[0-9A-F]+),.*? desc: (.*)");
    private static final Pattern ENDED =
            Pattern.compile("(COMMIT|COMMIT_PREPARED|ABORT|ABORT_PREPARED|PREPARE)\\b(?: [0-9]+:)? ?([^;]*).*");

    private final PostgresTools tools;

    WalSalvage(PostgresTools tools) {
        this.tools = tools;
    }

    String run(PostgresSettings settings, Timeline timeline, Lsn from, Lsn end, Progress progress)
            throws PostgresException, InterruptedException {
        Path directory = settings.stateDir().resolve("diverged");
        String name = "tl" + timeline + "-" + from.toString().replace('/', '-');
        try {
            Files.createDirectories(directory);
            Optional<Path> before = savedBefore(directory, name, end);
            if (before.isPresent()) {
                return before.get().toString();
            }
            long segmentBytes = ControlData.read(tools, settings.dataDir()).walSegmentBytes();
            List<Path> segments = segments(settings.dataDir(), timeline, from, end, segmentBytes);
            refuseWithoutRoom(directory, segments);
            Path saved = directory.resolve(DataPlace.stamp(Instant.now()) + "-" + name);
            Path partial = saved.resolveSibling(saved.getFileName() + ".part");
            DurableFiles.deleteTree(partial);
            DurableFiles.createDirectory(partial);
            copy(settings.dataDir(), segments, partial, progress);
            summarize(partial, timeline, from, end, segments, progress);
            DurableFiles.syncDirectory(partial);
            DurableFiles.move(partial, saved);
            LOG.warnf(
                    "saved the WAL that only this member has: timeline %s from %s to %s, in %s",
                    timeline, from, end, saved);
            return saved.toString();
        } catch (IOException e) {
            throw new PostgresException(
                    "the diverged WAL could not be saved to " + directory + ": " + e.getMessage(), e);
        }
    }

    /** A job that is repeated after a later failure need not save the same again. */
    private static Optional<Path> savedBefore(Path directory, String name, Lsn end) throws IOException {
        try (var list = Files.list(directory)) {
            for (Path path : list.toList()) {
                boolean same = path.getFileName().toString().endsWith("Z-" + name)
                        && DurableFiles.read(path.resolve("summary.json"))
                                .flatMap(Json::tryParseObject)
                                .flatMap(summary -> summary.string("end"))
                                .filter(end.toString()::equals)
                                .isPresent();
                if (same) {
                    return Optional.of(path);
                }
            }
        }
        return Optional.empty();
    }

    /** The segment files from {@code from} to {@code end}. @throws PostgresException if none of them is there any more */
    static List<Path> segments(Path dataDir, Timeline timeline, Lsn from, Lsn end, long segmentBytes)
            throws PostgresException {
        List<Path> segments = new ArrayList<>();
        long last = Math.max(from.bytes(), end.bytes() - 1) / segmentBytes;
        for (long number = from.bytes() / segmentBytes; number <= last; number++) {
            Path file = dataDir.resolve("pg_wal").resolve(segmentName(timeline, number, segmentBytes));
            Path renamed = file.resolveSibling(file.getFileName() + ".partial");
            if (Files.isRegularFile(file)) {
                segments.add(file);
            } else if (Files.isRegularFile(renamed)) {
                segments.add(renamed);
            }
        }
        if (segments.isEmpty()) {
            throw new PostgresException(
                    "no WAL of timeline " + timeline + " from " + from + " to " + end + " is in " + dataDir);
        }
        return segments;
    }

    static String segmentName(Timeline timeline, long number, long segmentBytes) {
        long perFile = (1L << 32) / segmentBytes;
        return String.format("%08X%08X%08X", timeline.id(), number / perFile, number % perFile);
    }

    private static void refuseWithoutRoom(Path directory, List<Path> segments) throws IOException, PostgresException {
        long needed = SPARE_BYTES;
        for (Path segment : segments) {
            needed += Files.size(segment);
        }
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < needed) {
            throw new PostgresException("saving the diverged WAL needs " + Cloner.mebibytes(needed) + " in " + directory
                    + ", but " + Cloner.mebibytes(free) + " are free; the data directory is as it was");
        }
    }

    private static void copy(Path dataDir, List<Path> segments, Path to, Progress progress)
            throws IOException, InterruptedException {
        long total = 0;
        for (Path segment : segments) {
            total += Files.size(segment);
        }
        long done = 0;
        for (Path segment : segments) {
            if (Thread.interrupted()) {
                throw new InterruptedException("saving WAL was interrupted");
            }
            String name = segment.getFileName().toString().replace(".partial", "");
            Path copied = Files.copy(segment, to.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
            DurableFiles.syncFile(copied);
            done += Files.size(copied);
            progress.report("saving diverged WAL", done, Optional.of(total));
        }
        DurableFiles.syncFile(Files.copy(dataDir.resolve("global").resolve("pg_control"), to.resolve("pg_control")));
        try (var histories = Files.newDirectoryStream(dataDir.resolve("pg_wal"), "*.history")) {
            for (Path history : histories) {
                DurableFiles.syncFile(Files.copy(history, to.resolve(history.getFileName())));
            }
        }
    }

    private void summarize(Path directory, Timeline timeline, Lsn from, Lsn end, List<Path> segments, Progress progress)
            throws IOException, PostgresException, InterruptedException {
        progress.report("listing what is in it", 0, Optional.empty());
        var list = new Listing();
        Path records = directory.resolve("records.txt");
        PostgresTools.Result result;
        try (Writer out = Files.newBufferedWriter(records)) {
            List<String> arguments =
                    List.of("--path=" + directory, "--timeline=" + timeline.id(), "--start=" + from, "--end=" + end);
            result = tools.run(tools.command("pg_waldump", arguments, DUMP_LIMIT)
                    .with(Map.of("TZ", "UTC"))
                    .onOutputLine(line -> list.take(line, out)));
        }
        if (list.failure.isPresent()) {
            throw list.failure.get();
        }
        DurableFiles.syncFile(records);
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("timeline", (long) timeline.id());
        summary.put("from", from.toString());
        summary.put("end", end.toString());
        summary.put("saved_at", Instant.now().toString());
        summary.put(
                "segments",
                segments.stream().map(path -> path.getFileName().toString()).toList());
        summary.put("records", list.records);
        summary.put("record_bytes", list.bytes);
        summary.put("records_by_kind", new LinkedHashMap<>(list.kinds));
        summary.put("committed", list.committed);
        summary.put("transactions", list.transactions);
        summary.put("transactions_left_out", list.ended - list.transactions.size());
        // WAL ends where the crash cut it; pg_waldump calls that an error.
        summary.put("listing_ended_with", result.isSuccess() ? "" : result.describe());
        DurableFiles.write(directory.resolve("summary.json"), Json.compact(summary) + "\n");
    }

    /** Counts records as they come, on the thread that reads pg_waldump's output. */
    private static final class Listing {
        private long records;
        private long bytes;
        private long written;
        private long ended;
        private long committed;
        private Optional<IOException> failure = Optional.empty();
        private final Map<String, Object> kinds = new TreeMap<>();
        private final List<Object> transactions = new ArrayList<>();

        void take(String line, Writer out) {
            if (written < RECORDS_LIMIT_BYTES && failure.isEmpty()) {
                try {
                    out.write(line);
                    out.write('\n');
                    written += line.length() + 1;
                } catch (IOException e) {
                    // Not thrown here: pg_waldump would wait for a reader that is gone.
                    failure = Optional.of(e);
                }
            }
            var record = RECORD.matcher(line);
            if (!record.matches()) {
                return;
            }
            records++;
            bytes += Long.parseLong(record.group(2));
            kinds.merge(record.group(1), 1L, (a, b) -> (Long) a + (Long) b);
            var end = ENDED.matcher(record.group(5));
            if (record.group(1).equals("Transaction") && end.matches()) {
                ended++;
                committed += end.group(1).startsWith("COMMIT") ? 1 : 0;
                if (transactions.size() < TRANSACTIONS_LIMIT) {
                    Map<String, Object> transaction = new LinkedHashMap<>();
                    transaction.put("xid", Long.parseLong(record.group(3)));
                    transaction.put("lsn", record.group(4));
                    transaction.put("outcome", end.group(1).toLowerCase(java.util.Locale.ROOT));
                    transaction.put("at", end.group(2).strip());
                    transactions.add(transaction);
                }
            }
        }
    }
}
