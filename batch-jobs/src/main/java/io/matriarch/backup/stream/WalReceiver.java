package io.matriarch.backup.stream;

import io.matriarch.backup.base.Source;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.TimelinePath;
import io.matriarch.backup.wal.TimelineTree;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineHistory;
import io.matriarch.ha.model.TimelineSwitch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** One connection to the leader: finds out what is lacking, fills what can be filled, and receives until something changes. */
final class WalReceiver {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    /** Holes that are tried at one connection: the stream must not wait for long. */
    private static final int MOST_FILLED = 16;

    private final WalStream.Parts parts;
    private final StreamGate gate;
    private final StreamProgress progress;
    private final SlotSteward slots;

    WalReceiver(WalStream.Parts parts, StreamGate gate, StreamProgress progress, SlotSteward slots) {
        this.parts = parts;
        this.gate = gate;
        this.progress = progress;
        this.slots = slots;
    }

    /** What one connection works on. */
    private record Work(Source leader, SegmentSize size, TimelinePath path, WalArchive archive, LocalWal local) {
        Settling settling() {
            return new Settling(local, archive, path, size);
        }
    }

    /**
     * Receives; returns when a timeline ended and the next one has to be asked for.
     *
     * @throws IOException when it cannot go on like this: whoever leads then is to be asked again
     */
    void receive() throws IOException {
        progress.begins();
        var leader = parts.cluster().leader().orElseThrow(() -> new IOException("nobody leads the cluster"));
        // Before its timeline is asked for, which does not change any more then.
        slots.requirePromoted(leader);
        try (var session = ReplicationSession.open(parts.servers(), leader)) {
            gate.uses(session);
            var identity = session.identify();
            var archive = new WalArchive(repository(), identity.system());
            var switches = histories(session, archive, identity.timeline());
            var path = TimelineTree.of(switches)
                    .path(identity.timeline())
                    .orElseThrow(() -> new IOException("no history of timeline " + identity.timeline()));
            var local = LocalWal.at(parts.work().resolve(identity.system().value()));
            var work = new Work(leader, session.segmentSize(), path, archive, local);
            finish(work);
            var plan = plan(work);
            slots.prepare(leader);
            fill(work, plan);
            long next = plan.behindLast().orElseGet(() -> -1L);
            if (next < 0) {
                next = oldest(work, 0).orElse(work.size().number(identity.flushed()));
            }
            stream(work, session, plan, next);
        }
    }

    private Repository repository() throws IOException {
        try {
            return parts.repository().open();
        } catch (IOException e) {
            throw new StoreFailedException(e);
        }
    }

    /** Stores the histories of the timeline and of its ancestors. Its own is needed; ancestors stand in it too. */
    private Map<Timeline, List<TimelineSwitch>> histories(
            ReplicationSession session, WalArchive archive, Timeline timeline) throws IOException {
        if (timeline.id() == 1) {
            return Map.of();
        }
        var content = session.history(timeline);
        var switches = TimelineHistory.parse(content);
        try {
            archive.putHistory(timeline, content);
            for (var ancestor : switches) {
                if (ancestor.timeline().id() > 1
                        && archive.history(ancestor.timeline()).isEmpty()) {
                    ancestor(session, archive, ancestor.timeline());
                }
            }
        } catch (IOException e) {
            throw new StoreFailedException(e);
        }
        return Map.of(timeline, switches);
    }

    private static void ancestor(ReplicationSession session, WalArchive archive, Timeline timeline) throws IOException {
        String content;
        try {
            content = session.history(timeline);
        } catch (IOException e) {
            // A server need not have the files of its ancestors; its own names them all.
            LOG.debugf("[wal-history] %s", e.getMessage());
            return;
        }
        archive.putHistory(timeline, content);
    }

    /** What an earlier connection received whole and did not store. */
    private void finish(Work work) throws IOException {
        for (var whole : work.local().complete().entrySet()) {
            store(work, whole.getKey(), whole.getValue());
        }
    }

    private void store(Work work, SegmentName name, Path file) throws IOException {
        if (!gate.goesOn()) {
            throw new IOException("this manager is not the elected one any more");
        }
        try {
            work.settling().store(name, file);
        } catch (IOException e) {
            throw new StoreFailedException(e);
        }
        progress.stored(name);
    }

    private StreamPlan plan(Work work) throws IOException {
        try {
            var stored = work.archive().list().segments();
            work.settling().tidy(stored.keySet());
            var plan = new StreamPlan(work.path(), work.size(), stored.keySet());
            plan.behindLast().map(n -> work.path().segment(work.size(), n - 1)).ifPresent(last -> {
                var newest = stored.get(last);
                if (newest != null) {
                    progress.readBack(last, newest.storedAt());
                }
            });
            return plan;
        } catch (IOException e) {
            throw new StoreFailedException(e);
        }
    }

    /** Tries to have the segments that lack between others, from anybody. */
    private void fill(Work work, StreamPlan plan) throws IOException {
        var lacking = new ArrayList<SegmentName>();
        var holes = plan.holes();
        for (var hole : holes) {
            boolean filled = lacking.size() < MOST_FILLED && fromAnybody(work, plan, hole);
            if (!filled) {
                lacking.add(hole);
            }
        }
        progress.gap(
                lacking.isEmpty()
                        ? Optional.empty()
                        : Optional.of(lacking.size() + " segments lack, " + lacking.getFirst() + " to "
                                + lacking.getLast() + ": take a new base backup"));
    }

    private boolean fromAnybody(Work work, StreamPlan plan, SegmentName name) throws IOException {
        for (var member : parts.cluster().members()) {
            try (var session = ReplicationSession.open(parts.servers(), member)) {
                gate.uses(session);
                if (session.identify().system().equals(work.archive().system())) {
                    long number = work.size().number(name);
                    var one = new StreamPlan.Run(plan.from(number).timeline(), number, Optional.of(number));
                    pour(work, session, one, Optional.empty());
                    LOG.infof("[wal-filled] %s came from %s", name, member.member());
                    return true;
                }
            } catch (StoreFailedException e) {
                throw e;
            } catch (IOException e) {
                LOG.debugf("[wal-fill] %s", e.getMessage());
            }
        }
        return false;
    }

    private void stream(Work work, ReplicationSession session, StreamPlan plan, long next) throws IOException {
        progress.durable(work.size().start(next));
        var run = plan.from(next);
        try {
            pour(work, session, run, Optional.of(Servers.NAME));
        } catch (WalGoneException e) {
            var name = work.path().segment(work.size(), next);
            if (fromAnybody(work, plan, name)) {
                return;
            }
            long there = oldest(work, next + 1).orElseThrow(() -> e);
            LOG.errorf(
                    "[wal-gap] WAL from %s to %s is on no member any more and was not received: what was backed up before can be"
                            + " rolled forward to %s only. Take a new base backup. %s",
                    work.size().start(next),
                    work.size().start(there),
                    work.size().start(next),
                    e.getMessage());
            progress.gap(Optional.of("from " + work.size().start(next) + " to "
                    + work.size().start(there) + ": take a new base backup"));
            try (var again = ReplicationSession.open(parts.servers(), work.leader())) {
                gate.uses(again);
                pour(work, again, plan.from(there), Optional.of(Servers.NAME));
            }
        }
    }

    /** The number of the oldest segment that the leader has on this path, from that number on. */
    private Optional<Long> oldest(Work work, long from) throws IOException {
        return slots.segments(work.leader()).stream()
                .filter(work.size()::fits)
                .filter(name -> work.path()
                        .segment(work.size(), work.size().number(name))
                        .equals(name))
                .map(work.size()::number)
                .filter(number -> number >= from)
                .min(Long::compare);
    }

    /** Receives a run of segments, and stores each. */
    private void pour(Work work, ReplicationSession session, StreamPlan.Run run, Optional<String> slot)
            throws IOException {
        new Pouring(gate, progress, work.local(), work.size(), (name, file) -> store(work, name, file))
                .receive(session, run, slot, work.archive().system());
    }
}
