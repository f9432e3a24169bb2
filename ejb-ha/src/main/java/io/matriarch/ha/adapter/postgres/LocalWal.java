package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.ControlFacts;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineHistory;
import io.matriarch.ha.model.TimelineSwitch;
import io.matriarch.ha.model.WalPosition;
import io.matriarch.ha.port.PostgresException;
import io.matriarch.ha.port.PostgresProbe.Answer;
import io.matriarch.ha.port.PostgresProbe.Facts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The local WAL: where it ends, and the history of its timelines. Reads files and runs {@code pg_waldump}; used by one thread. */
final class LocalWal {
    private static final Logger LOG = Logger.getLogger(LocalWal.class);

    private final PgPaths paths;
    private final DataDirectoryLook data;
    private final PostmasterLook postmaster;
    private final EndOfWal end;

    LocalWal(PgPaths paths, PostgresTools tools) {
        this.paths = paths;
        this.data = new DataDirectoryLook(paths, tools, new MountTable());
        this.postmaster = new PostmasterLook(paths, Path.of("/proc"));
        this.end = new EndOfWal(paths.wal(), tools);
    }

    /** The last timeline and the end of valid WAL on it. */
    record End(Timeline timeline, Lsn end) {}

    /** See {@link io.matriarch.ha.port.PostgresProbe#endOfWal}. */
    Optional<Lsn> endOfWal(Timeline timeline, Lsn from, Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        var process = postmaster.look();
        if (process.alive().isPresent() || process.orphans()) {
            LOG.warn("the end of WAL is not known while a process of PostgreSQL lives");
            return Optional.empty();
        }
        return source(timeline).flatMap(s -> end.find(s, from, Duration.ofNanos(deadline - System.nanoTime())));
    }

    private Optional<EndOfWal.Source> source(Timeline timeline) {
        var control = data.look().control();
        if (control.isEmpty()) {
            LOG.warn("the end of WAL is not known without a control file");
            return Optional.empty();
        }
        var c = control.get();
        return Optional.of(
                new EndOfWal.Source(c.segmentBytes(), c.facts().systemIdentifier(), timeline, ancestors(timeline)));
    }

    /** Where this member's own data ends. Blocks at most {@code bound}. */
    End localEnd(Facts facts, Duration bound) throws PostgresException {
        if (facts.wal().isPresent() && facts.answer() == Answer.ANSWERED) {
            var wal = facts.wal().get();
            return facts.role() == PostgresRole.PRIMARY
                    ? new End(wal.timeline(), wal.written())
                    : ofReplica(wal, bound);
        }
        if (facts.answer() != Answer.NO_POSTMASTER) {
            throw new PostgresException(
                    "the local PostgreSQL neither answers nor is down: where its WAL ends is not known");
        }
        var control = facts.control()
                .orElseThrow(() -> new PostgresException("the local data directory has no readable control file"));
        return ofStopped(control, bound);
    }

    /**
     * A replica whose WAL receiver is gone may hold the beginning of a record that it never got whole: such bytes are no WAL that it could
     * ever replay, and must not make it look ahead of its leader.
     */
    private End ofReplica(WalPosition wal, Duration bound) {
        Lsn replayed = wal.replayed().orElse(wal.written());
        if (wal.replicationState() == ReplicationState.STREAMING
                || !wal.written().isAfter(replayed)) {
            return new End(wal.timeline(), wal.written());
        }
        long deadline = System.nanoTime() + bound.toNanos();
        Optional<Lsn> valid = source(wal.timeline()).flatMap(s -> {
            try {
                return end.read(s, replayed, deadline).map(WalReader.Scan::end);
            } catch (IOException e) {
                LOG.debugf(e, "reading WAL from %s", replayed);
                return Optional.empty();
            }
        });
        return new End(wal.timeline(), valid.filter(v -> v.isAtLeast(replayed)).orElse(wal.written()));
    }

    private End ofStopped(ControlFacts control, Duration bound) throws PostgresException {
        long deadline = System.nanoTime() + bound.toNanos();
        Lsn from = Lsn.max(control.checkpoint(), control.minRecoveryEnd().orElse(control.checkpoint()));
        if (!control.wasPrimary()) {
            for (Timeline later : laterTimelines(control.timeline())) {
                Lsn begin = ancestors(later).getLast().switchPoint();
                Optional<Lsn> there =
                        endOfWal(later, begin, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
                if (there.filter(lsn -> lsn.isAfter(begin)).isPresent()) {
                    return new End(later, there.get());
                }
            }
        }
        Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        return endOfWal(control.timeline(), from, left)
                .map(lsn -> new End(control.timeline(), lsn))
                .orElseThrow(() -> new PostgresException("the end of WAL after " + from + " on timeline "
                        + control.timeline() + " could not be established"));
    }

    /** Timelines that descend from {@code timeline} and have WAL here, newest first: a replica may have received them unnoted. */
    private List<Timeline> laterTimelines(Timeline timeline) throws PostgresException {
        var found = new ArrayList<Timeline>();
        try (var files = Files.newDirectoryStream(paths.wal(), "*.history")) {
            for (Path file : files) {
                TimelineHistory.ofFileName(String.valueOf(file.getFileName()))
                        .filter(t -> t.compareTo(timeline) > 0)
                        .filter(t ->
                                ancestors(t).stream().anyMatch(a -> a.timeline().equals(timeline)))
                        .filter(this::hasSegments)
                        .ifPresent(found::add);
            }
        } catch (IOException e) {
            throw new PostgresException("reading " + paths.wal(), e);
        }
        found.sort(Comparator.reverseOrder());
        return found;
    }

    private boolean hasSegments(Timeline timeline) {
        String glob = String.format("%08X????????????????", timeline.id());
        try (var files = Files.newDirectoryStream(paths.wal(), glob)) {
            return files.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }

    /** Empty when there is no history file, or none that can be read: then only the timeline's own files count. */
    private List<TimelineSwitch> ancestors(Timeline timeline) {
        try {
            return timeline.id() == 1
                    ? List.of()
                    : TimelineHistory.parse(Files.readString(file(timeline), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException | IllegalArgumentException e) {
            LOG.warnf("the history of timeline %s cannot be read: %s", timeline, e.toString());
            return List.of();
        }
    }

    private Path file(Timeline timeline) {
        return paths.wal().resolve(TimelineHistory.fileName(timeline));
    }

    /** The history file of {@code timeline}, oldest first; empty for the first timeline, which has none. */
    List<TimelineSwitch> switches(Timeline timeline) throws PostgresException {
        try {
            return timeline.id() == 1
                    ? List.of()
                    : TimelineHistory.parse(Files.readString(file(timeline), StandardCharsets.UTF_8));
        } catch (IOException | IllegalArgumentException e) {
            throw new PostgresException("reading the history of timeline " + timeline, e);
        }
    }

    /** See {@link io.matriarch.ha.port.PostgresProbe#history}. The last row says when: the file was written at the promotion. */
    List<HistoryEntry> history(Timeline timeline) throws PostgresException {
        var rows = new ArrayList<HistoryEntry>();
        for (TimelineSwitch s : switches(timeline)) {
            boolean parent = s.timeline().next().equals(timeline);
            Optional<String> at = parent ? Optional.of(writtenAt(timeline)) : Optional.empty();
            rows.add(new HistoryEntry(s.timeline(), s.switchPoint(), s.reason(), at, Optional.empty()));
        }
        return rows;
    }

    private String writtenAt(Timeline timeline) throws PostgresException {
        try {
            return Files.getLastModifiedTime(file(timeline))
                    .toInstant()
                    .atZone(ZoneId.systemDefault())
                    .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
        } catch (IOException e) {
            throw new PostgresException("reading the history of timeline " + timeline, e);
        }
    }
}
