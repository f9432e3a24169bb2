package io.matriarch.ha.loop;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.LeaderLease;
import io.matriarch.ha.model.LeaseView;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.port.Dcs;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.FenceException;
import io.matriarch.ha.port.PostgresException;
import io.matriarch.ha.port.SlowWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjIntConsumer;

/** Does what was decided: one complete switch over the actions, no judgement of its own. */
final class ActionRunner {
    private static final Duration QUICK = Duration.ofSeconds(2);
    /** The loop waits for the user's script that long; the lease and the fence's deadline have threads of their own. */
    private static final Duration BEFORE_STOP = Duration.ofSeconds(10);

    private static final Duration UNGUARDED_STOP = Duration.ofSeconds(60);

    private final Identity identity;
    private final Ports ports;
    private final LeaseKeeper lease;
    private final Inbox inbox;
    private final Observer observer;
    private final ObjIntConsumer<String> exit;
    private boolean missedTheDcs;
    private boolean cleared;
    private boolean releaseInDoubt = true;

    /** @param exit ends the process: why, and with which code; returns at once */
    ActionRunner(
            Identity identity,
            Ports ports,
            LeaseKeeper lease,
            Inbox inbox,
            Observer observer,
            ObjIntConsumer<String> exit) {
        this.identity = identity;
        this.ports = ports;
        this.lease = lease;
        this.inbox = inbox;
        this.observer = observer;
        this.exit = exit;
    }

    /** Whether an action of the last run found no DCS. */
    boolean missedTheDcs() {
        return missedTheDcs;
    }

    /** Runs the actions in order and stops at the first that is not done, unless it failed by itself and nothing depends on it. */
    List<Outcome> run(List<Action> actions, Observation seen) {
        missedTheDcs = false;
        cleared = false;
        var outcomes = new ArrayList<Outcome>();
        for (var action : actions) {
            var outcome = perform(action, seen);
            outcomes.add(outcome);
            boolean goOn = outcome.isDone() || (action.standsAlone() && !missedTheDcs);
            if (!goOn) {
                break;
            }
        }
        return outcomes;
    }

    private Outcome perform(Action action, Observation seen) {
        try {
            return switch (action) {
                case Action.StartPrimary a -> startPrimary(a.licence(), seen);
                case Action.StartReplica a -> startReplica(a, seen);
                case Action.StopPostgres a -> stop(a, seen);
                case Action.ClaimTimeline a -> ports.dcs().claimTimeline(a.timeline(), identity.self(), a.expected());
                case Action.Promote a -> promote(a, seen);
                case Action.Follow a -> follow(a, seen);
                case Action.ReloadConfig a -> quickly(() -> ports.control().reload(QUICK));
                case Action.SetSynchronousStandbyNames a ->
                    quickly(() -> ports.control().setSynchronousStandbyNames(a.value(), QUICK));
                case Action.SyncSlots a -> quickly(() -> ports.control().syncSlots(a.wanted(), a.advanceTo(), QUICK));
                case Action.InitializeDatabase a ->
                    job(JobKind.INITDB, p -> ports.control().initialize(this::claimIsOurs, p));
                case Action.Checkpoint a ->
                    job(JobKind.CHECKPOINT, progress -> ports.control().checkpoint());
                case Action.SalvageWal a ->
                    job(JobKind.SALVAGE, p -> ports.control().salvage(a.timeline(), a.from(), a.end(), p));
                case Action.Rewind a ->
                    job(
                            JobKind.REWIND,
                            p -> ports.control().rewind(a.leader(), a.leaderSystem(), a.leaderTimeline(), p));
                case Action.Reclone a -> reclone(a);
                case Action.ExtendFence a -> extend(a, seen);
                case Action.GuardPrimary a -> guard(a.licence());
                case Action.MarkUnfenced a ->
                    ports.dcs()
                            .writeUnfenced(
                                    a.unfenced() ? Optional.of(identity.self()) : Optional.empty(), a.expected());
                case Action.DisarmFence a -> disarm();
                case Action.FenceNow a -> fenceNow(seen);
                case Action.DropLocalRequest a -> drop(a.request());
                case Action.Exit a -> exit(a);
                case Action.AcquireLeaderKey a -> acquire(a, seen);
                case Action.ReattachLeaderKey a -> withLease(l -> ports.dcs().reattachLeader(identity.self(), l.id()));
                case Action.ReleaseLeaderKey a -> release(a, seen);
                case Action.ClaimInitializeKey a -> withLease(l -> ports.dcs().claimInitialize(l.id()));
                case Action.WriteInitializeKey a -> ports.dcs().putInitialize(a.identifier());
                case Action.DropInitializeKey a -> ports.dcs().dropInitializeClaim(a.expected());
                case Action.WriteConfigIfMissing a -> writeConfigIfMissing();
                case Action.WriteStatus a -> ports.dcs().putStatus(a.status());
                case Action.WriteFailsafe a -> ports.dcs().putFailsafe(a.members());
                case Action.AppendHistory a -> appendHistory(a, seen);
                case Action.WriteSyncState a -> ports.dcs().writeSync(a.state(), a.expected());
                case Action.ClearFailoverRequest a ->
                    ports.dcs().writeFailover(Optional.empty(), Optional.of(a.expected()));
            };
        } catch (DcsUnavailableException e) {
            missedTheDcs = true;
            return new Outcome.Failed(String.valueOf(e.getMessage()));
        } catch (FenceException | PostgresException e) {
            return new Outcome.Failed(String.valueOf(e.getMessage()));
        }
    }

    /**
     * A release that etcd did not answer, of this agent or of the one before it, may still be on its way; it goes by the key's revision, so
     * that another revision makes it void. Without the DCS nobody can take the key either.
     */
    private Outcome keepKey(Observation seen) throws DcsUnavailableException {
        if (!releaseInDoubt || !(seen.dcs() instanceof DcsView.Reachable)) {
            return Outcome.DONE;
        }
        var kept = withLease(l -> ports.dcs().reattachLeader(identity.self(), l.id()));
        releaseInDoubt = !kept.isDone();
        return kept;
    }

    private Outcome startPrimary(LeaderLease licence, Observation seen)
            throws FenceException, PostgresException, DcsUnavailableException {
        var kept = keepKey(seen);
        if (!kept.isDone()) {
            return kept;
        }
        clearIfFenced(seen);
        var command = ports.control().prepareStartAsPrimary();
        if (seen.dcs().lastKnown().isPresent() && leaseIsSafe(licence)) {
            lease.guard(licence);
        } else if (seen.node().fence().deadline().isEmpty()) {
            return new Outcome.Superseded("the lease is no longer safe");
        }
        observer.starting();
        ports.fence().start(command);
        inbox.carriedOut(LocalRequest.RESTART);
        return Outcome.DONE;
    }

    private boolean leaseIsSafe(LeaderLease licence) {
        return lease.lease()
                .filter(l -> l.id().equals(licence.lease()))
                .map(LeaseView::safeUntil)
                .filter(until -> ports.clock().now().isBefore(until))
                .isPresent();
    }

    private Outcome startReplica(Action.StartReplica a, Observation seen) throws FenceException, PostgresException {
        clearIfFenced(seen);
        lease.unguard();
        var command = ports.control().prepareStartAsReplica(a.upstream());
        ports.fence().disarm();
        observer.starting();
        ports.fence().start(command);
        inbox.carriedOut(LocalRequest.RESTART);
        return Outcome.DONE;
    }

    private void clearIfFenced(Observation seen) throws FenceException {
        // Once a run: clearing takes the deadline away that an action before this one may have set.
        if (seen.node().fence().state() == FenceView.State.FENCED && !cleared) {
            ports.fence().clear();
            cleared = true;
        }
    }

    private Outcome stop(Action.StopPostgres a, Observation seen) throws FenceException, PostgresException {
        if (a.mode() != io.matriarch.ha.model.StopMode.IMMEDIATE) {
            ports.control().beforeStop(BEFORE_STOP);
        }
        if (seen.node().postgresGuarded()) {
            ports.fence().stop(a.mode(), a.timeout());
        } else {
            ports.control().stopUnguarded(UNGUARDED_STOP);
        }
        return Outcome.DONE;
    }

    private Outcome promote(Action.Promote a, Observation seen)
            throws FenceException, PostgresException, DcsUnavailableException {
        var kept = keepKey(seen);
        if (!kept.isDone()) {
            return kept;
        }
        if (!leaseIsSafe(a.licence())) {
            return new Outcome.Superseded("the lease is no longer safe");
        }
        lease.guard(a.licence());
        ports.control().promote(a.next(), QUICK);
        return Outcome.DONE;
    }

    private Outcome follow(Action.Follow a, Observation seen) throws FenceException, PostgresException {
        boolean restart = ports.control().follow(a.upstream(), QUICK);
        if (restart) {
            return stop(new Action.StopPostgres(io.matriarch.ha.model.StopMode.FAST, UNGUARDED_STOP), seen);
        }
        return Outcome.DONE;
    }

    private Outcome reclone(Action.Reclone a) {
        var started = job(JobKind.CLONE, p -> ports.control().cloneFrom(a.source(), a.leaderSystem(), p));
        if (started.isDone()) {
            inbox.carriedOut(LocalRequest.REINITIALIZE);
        }
        return started;
    }

    private Outcome extend(Action.ExtendFence a, Observation seen) throws FenceException {
        clearIfFenced(seen);
        ports.fence().extend(a.until());
        return Outcome.DONE;
    }

    private Outcome guard(LeaderLease licence) throws FenceException {
        if (!leaseIsSafe(licence)) {
            return new Outcome.Superseded("the lease is no longer safe");
        }
        lease.guard(licence);
        return Outcome.DONE;
    }

    private Outcome disarm() throws FenceException {
        lease.unguard();
        ports.fence().disarm();
        return Outcome.DONE;
    }

    private Outcome fenceNow(Observation seen) throws FenceException {
        lease.unguard();
        if (seen.node().fence().state() == FenceView.State.UNREACHABLE) {
            ports.fence().kill();
            observer.fenceKilled();
        } else {
            ports.fence().extend(ports.clock().now());
        }
        return Outcome.DONE;
    }

    private Outcome drop(LocalRequest request) {
        inbox.carriedOut(request);
        return Outcome.DONE;
    }

    private Outcome exit(Action.Exit a) {
        ports.worker().cancel();
        exit.accept(a.why(), a.code());
        return Outcome.DONE;
    }

    private Outcome acquire(Action.AcquireLeaderKey a, Observation seen) throws DcsUnavailableException {
        var ttl = seen.dcs().lastKnown().map(c -> c.config().ttl()).orElse(ClusterConfig.DEFAULTS.ttl());
        if (!inbox.beginRace(ports.clock().now(), ttl)) {
            return new Outcome.Superseded("a leader without the DCS has announced itself");
        }
        var acquired = withLease(l -> ports.dcs().acquireLeader(identity.self(), l.id(), a.settles()));
        // What was on its way before knows nothing of a new key.
        releaseInDoubt = releaseInDoubt && !acquired.isDone();
        return acquired;
    }

    private Outcome release(Action.ReleaseLeaderKey a, Observation seen)
            throws DcsUnavailableException, FenceException {
        lease.unguard();
        if (seen.node().isDown()) {
            ports.fence().disarm();
        }
        var before = seen.dcs().lastKnown().map(ClusterView::status).orElse(ClusterStatus.UNKNOWN);
        var status =
                a.lastPosition().map(lsn -> new ClusterStatus(Optional.of(lsn), before.slots(), before.retainSlots()));
        var held = seen.dcs()
                .lastKnown()
                .flatMap(ClusterView::leader)
                .filter(key -> key.holder().equals(identity.self()));
        if (held.isEmpty()) {
            return new Outcome.Superseded("the leader key is not ours any more");
        }
        releaseInDoubt = true;
        var outcome = ports.dcs().releaseLeader(held.get(), status, a.successor());
        releaseInDoubt = false;
        return outcome;
    }

    private Outcome writeConfigIfMissing() throws DcsUnavailableException {
        var stored = ports.dcs().readConfig();
        if (stored.filter(v -> Json.tryParseObject(v.value()).isPresent()).isPresent()) {
            return Outcome.DONE;
        }
        var text = ports.control().lastConfiguration().orElse(identity.bootstrapConfig());
        var outcome = ports.dcs()
                .writeConfig(
                        text, Optional.of(stored.map(Dcs.Versioned::modRevision).orElse(new Revision(0))));
        // Somebody else's configuration is as good as ours.
        return outcome instanceof Outcome.Superseded ? Outcome.DONE : outcome;
    }

    private Outcome appendHistory(Action.AppendHistory a, Observation seen)
            throws DcsUnavailableException, PostgresException {
        var known = seen.dcs().lastKnown().map(ClusterView::history).orElse(List.of());
        var rows = HistoryRows.of(
                known,
                ports.probe().history(a.timeline()),
                a.timeline(),
                identity.self(),
                ports.clock().wallClock().toString());
        int max = seen.dcs()
                .lastKnown()
                .map(c -> c.config().maxTimelinesHistory())
                .orElse(0);
        var kept = max > 0 && rows.size() > max ? rows.subList(rows.size() - max, rows.size()) : rows;
        return ports.dcs().putHistory(kept);
    }

    /** Asked by the job: it may take longer than a lease lasts. */
    private boolean claimIsOurs() throws PostgresException {
        try {
            var ours = lease.lease().map(LeaseView::id);
            return ports.dcs()
                    .read()
                    .initialize()
                    .filter(key -> key.systemIdentifier().isEmpty())
                    .filter(key -> ours.isPresent() && key.lease().equals(ours))
                    .isPresent();
        } catch (DcsUnavailableException e) {
            throw new PostgresException("whether the claim on the new cluster is still ours: " + e.getMessage(), e);
        }
    }

    private Outcome job(JobKind kind, SlowWorker.Job work) {
        return ports.worker().start(kind, work) ? Outcome.DONE : new Outcome.Superseded("another job is in flight");
    }

    @FunctionalInterface
    private interface Quick {
        void run() throws PostgresException;
    }

    private static Outcome quickly(Quick work) throws PostgresException {
        work.run();
        return Outcome.DONE;
    }

    @FunctionalInterface
    private interface LeaseUse {
        Outcome use(LeaseView lease) throws DcsUnavailableException;
    }

    private Outcome withLease(LeaseUse use) throws DcsUnavailableException {
        var current = lease.lease().filter(l -> ports.clock().now().isBefore(l.safeUntil()));
        return current.isPresent() ? use.use(current.get()) : new Outcome.Superseded("we have no safe lease");
    }
}
