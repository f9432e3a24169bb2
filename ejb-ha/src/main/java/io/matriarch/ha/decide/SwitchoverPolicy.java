package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.HaMemory.Handover;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.LeaderLease;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.RejectedCandidate;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.model.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The planned hand-over: checkpoint while writes go on, stop cleanly, see that the candidate holds the shutdown checkpoint, release the
 * leader key to it. Until the release everything can be taken back.
 */
final class SwitchoverPolicy {
    /** How long the named candidate may take to receive the last record before another complete one is chosen. */
    private static final Duration CANDIDATE_PATIENCE = Duration.ofSeconds(1);
    /** How long anybody may take before the old primary comes back. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Of an agent that was asked to stop: its service manager has no patience for a slow disk. */
    private static final Duration LAST_CHECKPOINT = Duration.ofSeconds(20);
    /** A request whose time is past by more than this is dropped rather than carried out late. */
    private static final Duration TOO_LATE = Duration.ofSeconds(60);

    private SwitchoverPolicy() {}

    /** Empty when there is nothing to hand over now. */
    static Optional<Decision> onRunningPrimary(Cycle c) {
        var running = c.memory().handover();
        if (running.isPresent()) {
            return Optional.of(goOn(c, running.get()));
        }
        return c.cluster().failover().filter(f -> addressesUs(c, f)).flatMap(f -> begin(c, f));
    }

    private static boolean addressesUs(Cycle c, FailoverRequest f) {
        return f.leader().map(c.self()::equals).orElse(true)
                && f.candidate().map(x -> !x.equals(c.self())).orElse(true);
    }

    /** Whether the candidates matter now; a time that is far does not call for questions in each cycle. */
    static boolean isNear(Cycle c) {
        return c.cluster()
                .failover()
                .filter(f -> f.scheduledAt()
                        .map(at -> Duration.between(c.node().wallClock(), at))
                        .filter(wait -> wait.compareTo(c.config().loopWait().multipliedBy(2)) > 0)
                        .isEmpty())
                .isPresent();
    }

    private static Optional<Decision> begin(Cycle c, FailoverRequest request) {
        if (request.scheduledAt().isPresent()) {
            var wait =
                    Duration.between(c.node().wallClock(), request.scheduledAt().get());
            if (wait.negated().compareTo(TOO_LATE) > 0) {
                return Optional.of(refuse(
                        c, request, "its time has passed " + wait.negated().toSeconds() + " s ago", List.of()));
            }
            if (wait.compareTo(c.config().loopWait()) > 0) {
                return Optional.empty();
            }
            if (!wait.isNegative() && !wait.isZero()) {
                return Optional.of(c.decide(Rule.SWITCHOVER_WAIT, "scheduled in " + wait.toMillis() + " ms", wait));
            }
        }
        if (LeaderPolicy.failsafeMapIsBehind(c)) {
            return Optional.empty();
        }
        var rejected = new ArrayList<RejectedCandidate>();
        var best = choose(c, request, rejected);
        if (best.isEmpty()) {
            return Optional.of(refuse(c, request, "no candidate could take over", rejected));
        }
        return Optional.of(checkpointFirst(c, best.get(), rejected, Rule.SWITCHOVER_CHECKPOINT, "asked for"));
    }

    private static Decision refuse(Cycle c, FailoverRequest request, String why, List<RejectedCandidate> rejected) {
        return c.decide(
                Rule.SWITCHOVER_REFUSE,
                why,
                c.memory(),
                c.config().loopWait(),
                List.of(new Action.ClearFailoverRequest(request.modRevision())),
                rejected);
    }

    static Decision checkpointFirst(
            Cycle c, PeerView candidate, List<RejectedCandidate> rejected, Rule rule, String because) {
        var memory = c.memory()
                .with(m ->
                        m.handover = Optional.of(new Handover(candidate.name(), c.now(), Handover.Phase.CHECKPOINT)));
        return c.decide(
                rule,
                because + ", " + candidate.name() + " takes over",
                memory,
                Cycle.SHORTLY,
                // One that runs already leaves little to a second one, which could not be begun beside it.
                checkpointRuns(c) ? List.of() : List.of(new Action.Checkpoint()),
                rejected);
    }

    private static Decision goOn(Cycle c, Handover handover) {
        return switch (handover.phase()) {
            case CHECKPOINT -> checkpointRuns(c) ? checkpointing(c, handover) : checkpointed(c, handover);
            case STOPPING ->
                c.now().since(handover.startedAt()).compareTo(PATIENCE.plus(StopTimes.handover(c))) < 0
                        ? c.decide(Rule.SWITCHOVER_STOP, "PostgreSQL is about to stop", Cycle.SOON)
                        : stop(c, handover, "PostgreSQL was asked to stop and still runs");
        };
    }

    private static boolean checkpointRuns(Cycle c) {
        return c.node()
                .job()
                .filter(j -> j.kind() == JobKind.CHECKPOINT && j.isRunning())
                .isPresent();
    }

    /** Writes go on meanwhile, so an operator's switchover may wait for it; whoever stops the agent does not. */
    private static Decision checkpointing(Cycle c, Handover handover) {
        boolean tooLong = c.node().request() == LocalRequest.SHUT_DOWN
                && c.now().since(handover.startedAt()).compareTo(LAST_CHECKPOINT) >= 0;
        return tooLong
                ? stop(c, handover, "the agent must stop and the checkpoint still runs")
                : c.decide(Rule.SWITCHOVER_CHECKPOINT, "the checkpoint runs", Cycle.SHORTLY);
    }

    /** The last moment to turn back without a pause for anybody: is it still wanted, and can the candidate still take over? */
    private static Decision checkpointed(Cycle c, Handover handover) {
        boolean wanted = c.cluster().failover().isPresent() || c.node().request() == LocalRequest.SHUT_DOWN;
        var rejected = new ArrayList<RejectedCandidate>();
        boolean able = Candidates.best(
                        c,
                        ownTimeline(c),
                        rejected,
                        p -> p.name().equals(handover.candidate())
                                ? tooFarBehind(c, p)
                                : Optional.of("another candidate was chosen"))
                .isPresent();
        if (wanted && able) {
            return stop(c, handover, "the checkpoint is done, " + handover.candidate() + " takes over");
        }
        // A request that still stands is looked at anew in the next cycle, with those candidates that are left.
        return c.decide(
                Rule.SWITCHOVER_ABORT,
                wanted ? handover.candidate() + " can no longer take over" : "the request was taken back",
                c.memory().with(m -> m.handover = Optional.empty()),
                Cycle.SHORTLY,
                List.of(),
                rejected);
    }

    private static Decision stop(Cycle c, Handover handover, String because) {
        var memory = c.memory()
                .with(m ->
                        m.handover = Optional.of(new Handover(handover.candidate(), c.now(), Handover.Phase.STOPPING)));
        return c.decide(
                Rule.SWITCHOVER_STOP,
                because,
                memory,
                Cycle.SHORTLY,
                new Action.StopPostgres(StopMode.FAST, StopTimes.handover(c)));
    }

    /** Our PostgreSQL is down for a hand-over: release to whoever has everything, or come back. */
    static Decision onStopped(Cycle c, LeaderLease licence) {
        var handover = c.memory().handover().orElseThrow();
        var rejected = new ArrayList<RejectedCandidate>();
        var waited = c.now().since(handover.startedAt());
        var end = c.node().endOfWal();
        var timeline = c.node().control().map(f -> f.timeline());
        if (end.isPresent() && timeline.isPresent()) {
            var best = complete(c, end.get(), timeline.get(), rejected, handover);
            if (best.isPresent()) {
                return release(c, best.get(), end, rejected);
            }
        }
        if (waited.compareTo(PATIENCE.plus(StopTimes.handover(c))) < 0) {
            return c.decide(
                    Rule.SWITCHOVER_STOP,
                    "stopped; waiting for a candidate that holds the last record",
                    c.memory(),
                    Cycle.SOON,
                    List.of(),
                    rejected);
        }
        return abort(c, licence, rejected);
    }

    /** The named candidate whenever it is complete; another one only when that takes too long. */
    private static Optional<PeerView> complete(
            Cycle c, Lsn end, Timeline timeline, List<RejectedCandidate> rejected, Handover handover) {
        boolean othersToo = c.now().since(c.node().postgresSince()).compareTo(CANDIDATE_PATIENCE) > 0;
        var named = completeOf(c, end, timeline, rejected, peer -> peer.name().equals(handover.candidate()));
        return named.isPresent() || !othersToo ? named : completeOf(c, end, timeline, rejected, peer -> true);
    }

    private static Optional<PeerView> completeOf(
            Cycle c, Lsn end, Timeline timeline, List<RejectedCandidate> rejected, Predicate<PeerView> allowed) {
        rejected.clear();
        return Candidates.best(c, timeline, rejected, peer -> {
            if (!allowed.test(peer)) {
                return Optional.of("the named candidate goes first");
            }
            return peer.wal().filter(w -> w.isAtLeast(end)).isPresent()
                    ? Optional.empty()
                    : Optional.of("it does not hold the last record at " + end + " yet");
        });
    }

    private static Decision release(Cycle c, PeerView to, Optional<Lsn> end, List<RejectedCandidate> rejected) {
        var memory = c.memory().with(m -> m.handover = Optional.empty());
        return c.decide(
                Rule.SWITCHOVER_RELEASE,
                to.name() + " holds everything up to " + end.map(Lsn::toString).orElse("?"),
                memory,
                Cycle.SHORTLY,
                List.of(new Action.ReleaseLeaderKey(end, Optional.of(to.name()))),
                rejected);
    }

    private static Decision abort(Cycle c, LeaderLease licence, List<RejectedCandidate> rejected) {
        var actions = new ArrayList<Action>();
        c.cluster().failover().ifPresent(f -> actions.add(new Action.ClearFailoverRequest(f.modRevision())));
        if (c.node().request() == LocalRequest.NONE) {
            actions.add(new Action.StartPrimary(licence));
        }
        var memory = c.memory().with(m -> {
            m.handover = Optional.empty();
            m.recoveringSince = Optional.of(c.now());
        });
        return c.decide(
                Rule.SWITCHOVER_ABORT,
                "no candidate received the last record in time",
                memory,
                Cycle.SOON,
                actions,
                rejected);
    }

    static Optional<PeerView> choose(Cycle c, FailoverRequest request, List<RejectedCandidate> rejected) {
        return Candidates.best(c, ownTimeline(c), rejected, peer -> {
            if (request.candidate().filter(x -> !x.equals(peer.name())).isPresent()) {
                return Optional.of("another candidate was named");
            }
            return tooFarBehind(c, peer);
        });
    }

    static Optional<String> tooFarBehind(Cycle c, PeerView peer) {
        var ours = c.node().wal().map(w -> w.written());
        long lag = ours.map(o -> o.minus(peer.wal().orElse(Lsn.ZERO))).orElse(0L);
        return lag > c.config().maximumLagOnFailoverBytes()
                ? Optional.of("it is " + lag + " bytes behind")
                : Optional.empty();
    }

    static Timeline ownTimeline(Cycle c) {
        return c.node()
                .wal()
                .map(w -> w.timeline())
                .or(() -> c.node().control().map(f -> f.timeline()))
                .orElse(new Timeline(1));
    }
}
