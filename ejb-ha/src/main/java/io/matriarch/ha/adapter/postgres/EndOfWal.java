package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineSwitch;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Finds the end of valid WAL of a PostgreSQL that is down. The records are read here, and their tail is read once more by
 * {@code pg_waldump}; when the two do not agree, or time runs out, nothing is known.
 */
final class EndOfWal {
    private static final Logger LOG = Logger.getLogger(EndOfWal.class);
    /** How far before {@code from} reading begins: a long record may run over the pages in between. */
    private static final List<Long> BACK_BYTES = List.of(64L << 10, 2L << 20, 32L << 20, 256L << 20);

    private final Path walDirectory;
    private final PostgresTools tools;

    EndOfWal(Path walDirectory, PostgresTools tools) {
        this.walDirectory = walDirectory;
        this.tools = tools;
    }

    /**
     * Which WAL.
     *
     * @param ancestors the timeline's history, oldest first
     */
    record Source(int segmentBytes, SystemIdentifier system, Timeline timeline, List<TimelineSwitch> ancestors) {}

    /** Blocks at most {@code bound}. */
    Optional<Lsn> find(Source source, Lsn from, Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        try {
            Optional<WalReader.Scan> scan = read(source, from, deadline);
            if (scan.isEmpty()) {
                LOG.warnf("no valid WAL found around %s on timeline %s", from, source.timeline());
                return Optional.empty();
            }
            Optional<String> disagreement = misplaced(source, scan.get());
            if (disagreement.isEmpty()) {
                disagreement = crossCheck(source, scan.get(), deadline);
            }
            if (disagreement.isPresent()) {
                LOG.warnf("the end of WAL after %s is not known: %s", from, disagreement.get());
                return Optional.empty();
            }
            return Optional.of(scan.get().end());
        } catch (IOException | PostgresException e) {
            LOG.warnf("the end of WAL after %s could not be read: %s", from, e.toString());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** The native reading alone; also fit for a running replica whose WAL receiver is gone. */
    Optional<WalReader.Scan> read(Source source, Lsn from, long deadlineNanos) throws IOException {
        for (long back : BACK_BYTES) {
            // Not before the first segment: there is no WAL at zero.
            long start = Math.max(source.segmentBytes(), from.bytes() - back);
            try (var pages = new WalPages(
                    walDirectory, source.segmentBytes(), source.timeline(), source.ancestors(), source.system())) {
                while (start < from.bytes() && !pages.hasSegmentOf(start)) {
                    start = Math.min(from.bytes(), (start / source.segmentBytes() + 1) * source.segmentBytes());
                }
                var scan = new WalReader(pages, source.segmentBytes(), deadlineNanos).scan(new Lsn(start));
                if (scan.filter(s -> covers(s, from)).isPresent()) {
                    return scan;
                }
            }
            if (System.nanoTime() - deadlineNanos > 0) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /**
     * Whether the chain of records that was read holds {@code from}. It may end before {@code from} only if {@code from} lies in a record
     * that was never finished: PostgreSQL flushes whole pages, so a flush position may stand in the midst of a record.
     */
    private static boolean covers(WalReader.Scan scan, Lsn from) {
        if (scan.first().isAfter(from)) {
            return false;
        }
        // A position on a page boundary may be given with or without the page header that follows it.
        boolean pageHeader = scan.end().bytes() % WalReader.PAGE == 0 && from.minus(scan.end()) <= 40;
        return scan.end().isAtLeast(from)
                || pageHeader
                || scan.torn().filter(torn -> torn.isAtLeast(from)).isPresent();
    }

    /** Records that stand in an ancestor's files are the timeline's own only up to the point where it was left. */
    private static Optional<String> misplaced(Source source, WalReader.Scan scan) {
        if (scan.tailTimeline() == source.timeline().id()) {
            return Optional.empty();
        }
        Optional<Lsn> begin = source.ancestors().isEmpty()
                ? Optional.empty()
                : Optional.of(source.ancestors().getLast().switchPoint());
        return begin.filter(scan.end()::equals).isPresent()
                ? Optional.empty()
                : Optional.of("timeline " + source.timeline() + " has no WAL of its own, and timeline "
                        + scan.tailTimeline() + " ends at " + scan.end() + " instead of " + begin);
    }

    private Optional<String> crossCheck(Source source, WalReader.Scan scan, long deadlineNanos)
            throws PostgresException, InterruptedException {
        long leftNanos = deadlineNanos - System.nanoTime();
        if (leftNanos <= 0) {
            return Optional.of("time ran out before pg_waldump could be asked");
        }
        Lsn start = scan.tail().getFirst();
        Stop stop = stop(source, scan);
        // The files are named, or pg_waldump would take the size of segments from any file there, and fail on one not
        // yet written.
        var arguments = List.of(
                "-p",
                walDirectory.toString(),
                "-s",
                start.toString(),
                "-e",
                stop.at().toString(),
                segmentName(source, scan, start.bytes()),
                segmentName(source, scan, stop.at().bytes() - 1));
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        var result = tools.run(tools.command("pg_waldump", arguments, Duration.ofNanos(leftNanos))
                .onOutputLine(lines::add));
        return WalTailCheck.disagreement(scan, List.copyOf(lines), result.errors(), stop.nothingAfter());
    }

    /** Where pg_waldump is told to stop, and whether there is no file after it, so that it need not meet anything invalid. */
    private record Stop(Lsn at, boolean nothingAfter) {}

    /** After the segment that follows the tail; before it if it does not exist, for pg_waldump would wait five seconds for it. */
    private Stop stop(Source source, WalReader.Scan scan) {
        long segment = source.segmentBytes();
        Lsn reached = scan.torn().orElse(scan.end());
        long boundary = (reached.bytes() + segment - 1) / segment * segment;
        boolean exists = Files.exists(walDirectory.resolve(segmentName(source, scan, boundary)));
        return new Stop(new Lsn(exists ? boundary + segment : boundary), !exists);
    }

    private static String segmentName(Source source, WalReader.Scan scan, long address) {
        return WalPages.segmentName(scan.tailTimeline(), address / source.segmentBytes(), source.segmentBytes());
    }
}
