package io.matriarch.ha.loop;

import io.matriarch.ha.decide.HaDecider;
import io.matriarch.ha.decide.Needs;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.HaMemory.WalMark;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeView;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.RejoinEvidence;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.FenceException;
import io.matriarch.ha.port.FenceKeeper;
import io.matriarch.ha.port.PeerProbe;
import io.matriarch.ha.port.PostgresException;
import io.matriarch.ha.port.PostgresProbe;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/** Turns what the ports say into the views that a decision is made of. */
final class Observer {
    private static final Logger LOG = Logger.getLogger(Observer.class);
    private static final Duration LOOK_BOUND = Duration.ofSeconds(1);
    /** A member whose key is still there is expected to answer; one whose key is gone costs little. */
    private static final Duration LIVE_PEER_BOUND = Duration.ofMillis(800);

    private static final Duration GONE_PEER_BOUND = Duration.ofMillis(150);
    private static final Duration END_OF_WAL_BOUND = Duration.ofSeconds(2);
    private static final Duration REJOIN_BOUND = Duration.ofSeconds(5);

    private final Identity identity;
    private final Ports ports;
    private final LeaseKeeper lease;
    private final Inbox inbox;
    private Optional<ClusterView> lastCluster = Optional.empty();
    private Optional<MonotonicTime> dcsLostSince = Optional.empty();
    private PostgresState lastState = PostgresState.UNKNOWN;
    private MonotonicTime lastStateSince;
    private Optional<Lsn> endOfWal = Optional.empty();
    private boolean endOfWalSearched;
    private volatile Optional<FenceKeeper.Event.Exited> lastExit = Optional.empty();
    private long lastPostmaster;
    private boolean fenceConnected;

    Observer(Identity identity, Ports ports, LeaseKeeper lease, Inbox inbox) {
        this.identity = identity;
        this.ports = ports;
        this.lease = lease;
        this.inbox = inbox;
        this.lastStateSince = ports.clock().now();
    }

    void exited(FenceKeeper.Event.Exited exit) {
        lastExit = Optional.of(exit);
    }

    Observation observe(HaMemory memory) {
        var dcs = readDcs();
        var facts = ports.probe().look(LOOK_BOUND);
        var fence = fence();
        if (facts.postmasterPid() != 0 && fence.postmasterPid() == 0 && fence.state() != FenceView.State.UNREACHABLE) {
            // It may have ended between the two looks. Only what is seen after the fence spoke runs outside of the
            // fence.
            facts = ports.probe().look(LOOK_BOUND);
        }
        var now = ports.clock().now();
        var plain = node(dcs, facts, fence, Map.of(), inbox.announced(), Optional.empty(), Optional.empty(), now);
        var needs = HaDecider.needs(dcs, plain, memory, now);
        return needs.equals(Needs.NOTHING)
                ? new Observation(dcs, plain, facts, now)
                : withNeeds(dcs, facts, fence, needs);
    }

    private Observation withNeeds(DcsView dcs, PostgresProbe.Facts facts, FenceView fence, Needs needs) {
        var end = needs.endOfWal();
        end.ifPresent(this::searchEndOfWal);
        var peers = askPeers(dcs, needs.askPeers());
        var failsafe = confirm(dcs, needs.confirmFailsafe());
        Optional<RejoinEvidence> evidence = Optional.empty();
        Optional<String> failure = Optional.empty();
        if (needs.rejoinAgainst().isPresent()) {
            try {
                evidence = Optional.of(
                        ports.probe().rejoinEvidence(needs.rejoinAgainst().get(), REJOIN_BOUND));
            } catch (PostgresException e) {
                failure = Optional.of(String.valueOf(e.getMessage()));
            }
        }
        var now = ports.clock().now();
        return new Observation(dcs, node(dcs, facts, fence, peers, failsafe, evidence, failure, now), facts, now);
    }

    private DcsView readDcs() {
        var sentAt = ports.clock().now();
        try {
            var cluster = ports.dcs().read();
            lastCluster = Optional.of(cluster);
            dcsLostSince = Optional.empty();
            return new DcsView.Reachable(cluster);
        } catch (DcsUnavailableException e) {
            if (dcsLostSince.isEmpty()) {
                dcsLostSince = Optional.of(sentAt);
            }
            return new DcsView.Lost(dcsLostSince.get(), String.valueOf(e.getMessage()), lastCluster);
        }
    }

    private FenceView fence() {
        if (fenceConnected) {
            var view = ports.fence().view();
            // One that speaks to anybody but not to us would let its deadline pass: nobody but us can move it.
            if (view.state() == FenceView.State.UNREACHABLE || ports.fence().isInControl()) {
                return view;
            }
        }
        try {
            var view = ports.fence().connect();
            fenceConnected = true;
            return view;
        } catch (FenceException e) {
            LOG.warnf("no fence: %s", e.getMessage());
            return FenceView.UNREACHABLE;
        }
    }

    /** After a fence was killed the next look starts another. */
    void fenceKilled() {
        fenceConnected = false;
    }

    private Map<MemberName, PeerView> askPeers(DcsView dcs, Map<MemberName, String> all) {
        if (all.isEmpty()) {
            return Map.of();
        }
        var live = new TreeMap<>(all);
        var gone = new TreeMap<>(all);
        var members = dcs.lastKnown().map(c -> c.members().keySet()).orElse(java.util.Set.of());
        live.keySet().retainAll(members);
        gone.keySet().removeAll(members);
        var answers = new TreeMap<MemberName, PeerView>();
        if (!live.isEmpty()) {
            answers.putAll(ports.peers().ask(live, LIVE_PEER_BOUND));
        }
        if (!gone.isEmpty()) {
            answers.putAll(ports.peers().ask(gone, GONE_PEER_BOUND));
        }
        return answers;
    }

    private FailsafeView confirm(DcsView dcs, Map<MemberName, String> members) {
        if (members.isEmpty()) {
            return inbox.announced();
        }
        var since = dcs.lastKnown()
                .flatMap(ClusterView::leader)
                .filter(key -> key.holder().equals(identity.self()))
                .map(LeaderKey::createRevision);
        var self = new PeerProbe.Announcement(identity.self(), identity.connUrl(), identity.apiUrl(), since);
        var asked = ports.peers().confirmFailsafe(self, members, LIVE_PEER_BOUND);
        var announced = inbox.announced();
        return new FailsafeView(
                asked.askedAt(),
                asked.confirmedBy(),
                asked.refusedBy(),
                announced.announcedLeader(),
                announced.announcedAt());
    }

    /**
     * PostgreSQL is about to be started: what was found of its WAL is void, even if it ends again before the next look and so was never
     * seen up.
     */
    void starting() {
        endOfWal = Optional.empty();
        endOfWalSearched = false;
    }

    /** The WAL of a PostgreSQL that is down does not change: it is read once. */
    private void searchEndOfWal(WalMark from) {
        if (!endOfWalSearched) {
            endOfWal = ports.probe().endOfWal(from.timeline(), from.lsn(), END_OF_WAL_BOUND);
            endOfWalSearched = true;
        }
    }

    private NodeView node(
            DcsView dcs,
            PostgresProbe.Facts facts,
            FenceView fence,
            Map<MemberName, PeerView> peers,
            FailsafeView failsafe,
            Optional<RejoinEvidence> evidence,
            Optional<String> failure,
            MonotonicTime now) {
        var state = state(facts, fence);
        if (state != lastState) {
            lastState = state;
            lastStateSince = now;
        }
        boolean down = state == PostgresState.STOPPED || state == PostgresState.CRASHED;
        if (!down) {
            endOfWal = Optional.empty();
            endOfWalSearched = false;
        }
        if (fence.postmasterPid() != 0) {
            lastPostmaster = fence.postmasterPid();
        }
        boolean guarded = facts.postmasterPid() != 0 && facts.postmasterPid() == fence.postmasterPid();
        var job = ports.worker().view();
        return new NodeView(
                identity.self(),
                identity.tags().get(),
                facts.data(),
                facts.control(),
                state,
                lastStateSince,
                facts.role(),
                facts.wal(),
                endOfWal,
                facts.senders(),
                facts.configuredUpstream(),
                facts.standbyNames(),
                facts.storage(),
                fence,
                // A fence that winds up may have reaped the postmaster already: what is left of it are the fence's
                // children too.
                guarded || fence.postmasterPid() != 0 || fence.state() == FenceView.State.STOPPING,
                lease.lease(),
                job,
                peers,
                failsafe,
                evidence,
                failure,
                facts.settingsChanged(),
                facts.standbySignal(),
                facts.slots(),
                ports.clock().wallClock(),
                inbox.request());
    }

    private PostgresState state(PostgresProbe.Facts facts, FenceView fence) {
        boolean fenceHasChild = fence.postmasterPid() != 0;
        boolean winding = fence.state() == FenceView.State.STOPPING;
        return switch (facts.answer()) {
            case ANSWERED -> winding ? PostgresState.STOPPING : PostgresState.RUNNING;
            case STARTING -> winding ? PostgresState.STOPPING : PostgresState.STARTING;
            case STOPPING -> PostgresState.STOPPING;
            case SILENT -> winding ? PostgresState.STOPPING : PostgresState.HUNG;
            case NO_POSTMASTER -> {
                if (winding || fence.state() == FenceView.State.UNREACHABLE) {
                    // Descendants may still write: only the fence can say that all are gone.
                    yield winding ? PostgresState.STOPPING : PostgresState.UNKNOWN;
                }
                yield fenceHasChild ? PostgresState.STARTING : ended(facts, fence);
            }
        };
    }

    /** Whether the end was wanted. An end that nobody asked for, or that only the files tell of, counts as a crash. */
    private PostgresState ended(PostgresProbe.Facts facts, FenceView fence) {
        if (fence.state() == FenceView.State.FENCED) {
            return PostgresState.CRASHED;
        }
        // An end that was told of another postmaster says nothing of this one.
        var exit = lastExit.filter(e -> lastPostmaster == 0 || e.pid() == lastPostmaster);
        if (exit.isPresent()) {
            return exit.get().reason() == FenceKeeper.Reason.STOP ? PostgresState.STOPPED : PostgresState.CRASHED;
        }
        boolean clean = facts.control()
                .filter(c -> switch (c.state()) {
                    case SHUT_DOWN, SHUT_DOWN_IN_RECOVERY -> true;
                    case STARTING_UP,
                            SHUTTING_DOWN,
                            IN_CRASH_RECOVERY,
                            IN_ARCHIVE_RECOVERY,
                            IN_PRODUCTION,
                            UNRECOGNIZED -> false;
                })
                .isPresent();
        return clean || facts.control().isEmpty() ? PostgresState.STOPPED : PostgresState.CRASHED;
    }
}
