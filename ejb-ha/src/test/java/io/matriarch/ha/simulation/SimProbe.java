package io.matriarch.ha.simulation;

import io.matriarch.ha.model.ControlFacts;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.RejoinEvidence;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.StorageView;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.model.WalPosition;
import io.matriarch.ha.model.WalSenderFacts;
import io.matriarch.ha.port.PostgresException;
import io.matriarch.ha.port.PostgresProbe;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What an agent can find out about its own PostgreSQL. */
final class SimProbe implements PostgresProbe {
    private static final int VERSION = 150018;
    private static final long MINIMUM_FREE = 64L << 20;
    private static final Instant EPOCH = Instant.parse("2026-11-23T00:00:00Z");

    private final SimWorld world;
    private final SimProcess process;
    private final SimPostgres postgres;
    private final SimSettings settings;

    SimProbe(SimWorld world, SimProcess process, SimPostgres postgres, SimSettings settings) {
        this.world = world;
        this.process = process;
        this.postgres = postgres;
        this.settings = settings;
    }

    @Override
    public Facts look(Duration bound) {
        process.crashPoint();
        var answer = answer();
        if (answer == Answer.SILENT) {
            process.sleep(process.clock().trueNanos(EventScheduler.nanos(bound)));
        } else {
            process.sleep(world.random(200, 2500) * EventScheduler.MICRO);
        }
        // What is true at the end of the look is what it reports: nothing is known to be older than the call.
        return facts(answer());
    }

    private Answer answer() {
        if (postgres.pid() == 0) {
            // What is left of one that no fence is the parent of is found by its processes.
            return postgres.isByHand() && !postgres.isDown() ? Answer.STOPPING : Answer.NO_POSTMASTER;
        }
        if (postgres.isFrozen()) {
            return Answer.SILENT;
        }
        return switch (postgres.phase()) {
            case DOWN -> Answer.NO_POSTMASTER;
            case STARTING -> Answer.STARTING;
            case STOPPING -> Answer.STOPPING;
            case RUNNING -> Answer.ANSWERED;
        };
    }

    private Facts facts(Answer answer) {
        var disk = postgres.disk();
        var data = disk.unreadable ? DataDirectory.UNKNOWN : disk.data;
        boolean readable = data == DataDirectory.PRESENT;
        boolean refused = answer == Answer.ANSWERED && postgres.refusesAgent();
        boolean answered = answer == Answer.ANSWERED && !refused;
        boolean primary = answered && postgres.isPrimary();
        Optional<ControlFacts> control = readable ? Optional.of(postgres.control()) : Optional.empty();
        return new Facts(
                data,
                control,
                answer,
                postgres.pid(),
                refused ? PostgresRole.UNKNOWN : role(answered, readable),
                answered ? Optional.of(position()) : Optional.empty(),
                primary ? senders() : List.of(),
                primary ? slots() : Map.of(),
                readable ? disk.upstream : Optional.empty(),
                primary ? postgres.standbyNamesInForce() : "",
                new StorageView(Optional.of(disk.walFull ? 0L : 1L << 34), MINIMUM_FREE),
                readable && disk.standbySignal,
                settings.differ(),
                answered ? Optional.of(EPOCH.plusNanos(postgres.startedAt())) : Optional.empty(),
                Optional.empty(),
                answered ? VERSION : 0,
                Map.of());
    }

    private PostgresRole role(boolean answered, boolean readable) {
        if (answered) {
            return postgres.isPrimary() ? PostgresRole.PRIMARY : PostgresRole.REPLICA;
        }
        if (!readable) {
            return PostgresRole.UNKNOWN;
        }
        return postgres.disk().standbySignal ? PostgresRole.REPLICA : PostgresRole.PRIMARY;
    }

    private WalPosition position() {
        var wal = postgres.disk().wal;
        var end = new Lsn(wal.end());
        if (postgres.isPrimary()) {
            return new WalPosition(
                    wal.timeline(),
                    end,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    ReplicationState.NONE,
                    false);
        }
        boolean streaming = postgres.receiver().isStreaming();
        return new WalPosition(
                wal.timeline(),
                end,
                Optional.of(end),
                Optional.of(end),
                streaming ? Optional.of(new Lsn(postgres.receiver().sourceEnd())) : Optional.empty(),
                streaming ? ReplicationState.STREAMING : ReplicationState.IN_ARCHIVE_RECOVERY,
                false);
    }

    private List<WalSenderFacts> senders() {
        var names = postgres.syncNames();
        var out = new ArrayList<WalSenderFacts>();
        postgres.flushedBy()
                .forEach((standby, flushed) -> out.add(new WalSenderFacts(
                        standby,
                        "replicator",
                        Optional.of(standby),
                        "streaming",
                        names.lists(standby) ? names.any() ? "quorum" : "sync" : "async",
                        names.priority(standby),
                        Optional.of(new Lsn(flushed)),
                        Optional.of(new Lsn(flushed)))));
        return out;
    }

    private Map<String, Lsn> slots() {
        var out = new TreeMap<String, Lsn>();
        postgres.disk()
                .slots
                .forEach(s -> out.put(s, new Lsn(postgres.flushedBy().getOrDefault(s, 0L))));
        return out;
    }

    @Override
    public Optional<Lsn> endOfWal(Timeline timeline, Lsn from, Duration bound) {
        process.crashPoint();
        process.sleep(world.random(5, 60) * EventScheduler.MILLI);
        var wal = postgres.disk().wal;
        boolean known = postgres.isDown()
                && !postgres.disk().unreadable
                && wal.timeline().equals(timeline);
        return known && world.chance(0.97) ? Optional.of(new Lsn(wal.end())) : Optional.empty();
    }

    @Override
    public RejoinEvidence rejoinEvidence(Upstream leader, Duration bound) throws PostgresException {
        process.crashPoint();
        var other = leader.isNone() ? postgres : world.host(leader.host()).postgres();
        boolean linked = world.network().delivers(postgres.name(), other.name(), true);
        if (other == postgres || !linked || other.isFrozen()) {
            process.sleep(process.clock().trueNanos(EventScheduler.nanos(bound)));
            throw new PostgresException("asking " + leader.host() + " for its history: no answer");
        }
        process.sleep(2 * world.network().latency(postgres.name(), other.name()));
        if (!other.answers()) {
            throw new PostgresException("asking " + leader.host() + " for its history: connection refused");
        }
        var theirs = other.disk().wal;
        var mine = postgres.disk().wal;
        return new RejoinEvidence(
                leader.member().orElse(new MemberName(leader.host())),
                other.disk().system.orElseThrow(),
                theirs.timeline(),
                other.isPrimary(),
                theirs.history(),
                mine.history(),
                mine.timeline(),
                new Lsn(mine.end()));
    }

    @Override
    public List<HistoryEntry> history(Timeline timeline) throws PostgresException {
        process.crashPoint();
        process.sleep(world.random(100, 900) * EventScheduler.MICRO);
        return postgres.disk().wal.history().stream()
                .filter(s -> s.timeline().compareTo(timeline) < 0)
                .map(s ->
                        new HistoryEntry(s.timeline(), s.switchPoint(), s.reason(), Optional.empty(), Optional.empty()))
                .toList();
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
