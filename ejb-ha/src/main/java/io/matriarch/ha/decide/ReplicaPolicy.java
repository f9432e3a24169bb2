package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.RejoinEvidence;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Somebody else holds the leader key. */
final class ReplicaPolicy {
    static final Duration NOT_STREAMING_PATIENCE = Duration.ofSeconds(2);
    static final Duration HUNG_PATIENCE = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final int REWIND_ATTEMPTS = 2;

    private ReplicaPolicy() {}

    static Decision decide(Cycle c) {
        var node = c.node();
        var leader = c.cluster().leaderName().orElseThrow();
        if (node.isRunningPrimary() || mayBecomePrimary(c)) {
            return c.decide(
                    Rule.DEMOTE_FOREIGN_LEADER,
                    leader + " holds the leader key and our PostgreSQL is a primary, or becomes one",
                    Cycle.SOON,
                    c.stopAtOnce("another member holds the leader key"));
        }
        if (node.request() == LocalRequest.REINITIALIZE) {
            return ClonePolicy.reinitialize(c, leader);
        }
        if (node.data() != DataDirectory.PRESENT) {
            return ClonePolicy.withoutData(c, leader);
        }
        return switch (node.postgres()) {
            case RUNNING ->
                node.role() == PostgresRole.REPLICA
                        ? running(c, leader)
                        : c.decide(Rule.UNKNOWN_STATE, "PostgreSQL's role is unknown", Cycle.SHORTLY);
            case STARTING -> starting(c, leader);
            case STOPPING -> c.decide(Rule.WAIT_FOR_START, "PostgreSQL is shutting down", Cycle.SHORTLY);
            case STOPPED, CRASHED -> down(c, leader);
            case HUNG -> hung(c);
            case UNKNOWN -> c.decide(Rule.UNKNOWN_STATE, "PostgreSQL's state is unknown", Cycle.SHORTLY);
        };
    }

    /** Recovery without standby.signal, or a promotion that we asked for while the key was ours, ends as a primary. */
    private static boolean mayBecomePrimary(Cycle c) {
        var node = c.node();
        boolean starting = node.postgres() == PostgresState.STARTING && !node.standbySignal();
        boolean promoting = node.isRunningReplica() && node.fence().deadline().isPresent();
        return node.data() == DataDirectory.PRESENT && (starting || promoting);
    }

    /** It may need WAL of the leader to come up at all: it must not wait for one that is gone. */
    private static Decision starting(Cycle c, MemberName leader) {
        var wanted = wantedUpstream(c, leader);
        boolean elsewhere = wanted.isPresent()
                && c.node()
                        .configuredUpstream()
                        .filter(u -> Upstreams.same(u, wanted.get()))
                        .isEmpty();
        return elsewhere && !c.memory().unjudged()
                ? c.decide(Rule.FOLLOW_LEADER, leader + " leads", Cycle.SHORTLY, new Action.Follow(wanted.get()))
                : c.decide(Rule.WAIT_FOR_START, "PostgreSQL is starting", Cycle.SHORTLY);
    }

    private static Decision hung(Cycle c) {
        var since = c.memory().hungSince().orElse(c.now());
        // A silent former primary must not go on acknowledging; a silent replica only costs reads and gets more time.
        var patience = c.memory().wasPrimary() ? Duration.ZERO : HUNG_PATIENCE;
        return c.now().since(since).compareTo(patience) < 0
                ? c.decide(Rule.HUNG_POSTGRES, "PostgreSQL does not answer", Cycle.SHORTLY)
                : c.decide(
                        Rule.HUNG_POSTGRES,
                        "PostgreSQL has not answered for "
                                + c.now().since(since).toSeconds() + " s",
                        Cycle.SHORTLY,
                        c.stopAtOnce("PostgreSQL does not answer"));
    }

    private static Decision running(Cycle c, MemberName leader) {
        if (c.node().request() == LocalRequest.RESTART) {
            return c.decide(
                    Rule.RESTART_REQUESTED,
                    "a restart was asked for",
                    Cycle.SHORTLY,
                    new Action.StopPostgres(StopMode.FAST, StopTimes.fast(c)));
        }
        var wanted = wantedUpstream(c, leader);
        if (wanted.isEmpty()) {
            return c.decide(Rule.REJOIN_WAIT, leader + " has not published where to connect to", Cycle.SHORTLY);
        }
        if (c.memory().unjudged()) {
            return judgeRunning(c, leader);
        }
        if (c.node()
                .configuredUpstream()
                .filter(u -> Upstreams.same(u, wanted.get()))
                .isEmpty()) {
            if (isBeingPromoted(c, leader) && !idleForLong(c)) {
                return c.decide(Rule.KEEP_FOLLOWING, leader + " leads and is not a primary yet", Cycle.SHORTLY);
            }
            return c.decide(
                    Rule.FOLLOW_LEADER,
                    leader + " leads",
                    c.memory().with(m -> m.notStreamingSince = Optional.of(c.now())),
                    Cycle.SHORTLY,
                    new Action.Follow(wanted.get()));
        }
        if (judgementDue(c)) {
            return judgeRunning(c, leader);
        }
        var settled = c.memory().with(m -> {
            m.rejoinAttempts = 0;
            m.nextAttemptAt = Optional.empty();
            m.salvaged = false;
        });
        if (c.node().settingsChanged()) {
            return c.decide(
                    Rule.APPLY_SETTINGS,
                    "the wanted settings differ from the files",
                    streaming(c) ? settled : c.memory(),
                    c.config().loopWait(),
                    new Action.ReloadConfig());
        }
        if (!streaming(c)) {
            return c.decide(
                    Rule.KEEP_FOLLOWING,
                    "not streaming from " + leader + " yet",
                    c.config().loopWait());
        }
        var leftOver = Slots.hasLeftOver(c) ? new Action[] {new Action.SyncSlots(Set.of(), Map.of())} : new Action[0];
        return c.decide(
                Rule.KEEP_FOLLOWING,
                "streaming from " + leader,
                settled,
                c.config().loopWait(),
                leftOver);
    }

    static boolean streaming(Cycle c) {
        return c.node()
                .wal()
                .filter(w -> w.replicationState() == ReplicationState.STREAMING)
                .isPresent();
    }

    /** A replica that does not stream for a while, or whose leader is on a later timeline, must be judged against the leader's history. */
    static boolean judgementDue(Cycle c) {
        if (c.node().isRunningReplica() && c.memory().unjudged()) {
            return true;
        }
        return c.node().isRunningReplica() && !streaming(c) && idleForLong(c);
    }

    private static boolean idleForLong(Cycle c) {
        return c.memory()
                .notStreamingSince()
                .filter(at -> c.now().since(at).compareTo(NOT_STREAMING_PATIENCE) >= 0)
                .isPresent();
    }

    /** Before the promotion it has no slot for us: who connects then is refused and tries again only seconds later. */
    private static boolean isBeingPromoted(Cycle c, MemberName leader) {
        return c.cluster()
                .member(leader)
                .filter(m ->
                        m.report().role() == MemberRole.REPLICA || m.report().role() == MemberRole.PROMOTED)
                .isPresent();
    }

    private static Decision judgeRunning(Cycle c, MemberName leader) {
        var evidence = c.node().rejoin();
        if (evidence.isEmpty()) {
            return waitForEvidence(c, leader);
        }
        var plan = plan(c, evidence.get());
        return switch (plan) {
            case RejoinPlan.Follow f ->
                c.decide(
                        Rule.KEEP_FOLLOWING,
                        "not streaming yet: " + f.because(),
                        c.memory().with(m -> m.unjudged = false),
                        c.memory().unjudged() ? Duration.ZERO : c.config().loopWait());
            case RejoinPlan.Diverged d ->
                c.decide(
                        Rule.SALVAGE,
                        "diverged: " + d.because() + "; stopping to save and rewind",
                        Cycle.SHORTLY,
                        new Action.StopPostgres(StopMode.FAST, StopTimes.fast(c)));
            case RejoinPlan.Refuse r -> c.decide(Rule.REJOIN_WAIT, r.because(), Cycle.SHORTLY);
        };
    }

    private static Decision down(Cycle c, MemberName leader) {
        var wanted = wantedUpstream(c, leader);
        if (wanted.isEmpty()) {
            return c.decide(Rule.REJOIN_WAIT, leader + " has not published where to connect to", Cycle.SHORTLY);
        }
        var rewound = c.node().finished(JobKind.REWIND);
        if (rewound.filter(Outcome::isDone).isPresent()) {
            return start(c, wanted.get(), "rewound onto " + leader, true);
        }
        if (rewound.isPresent()) {
            return failed(c, "rewind", rewound.get());
        }
        var salvage = c.node().finished(JobKind.SALVAGE);
        if (salvage.isPresent() && !salvage.get().isDone()) {
            return failed(c, "saving the diverged WAL", salvage.get());
        }
        if (!needsEvidence(c)) {
            return start(c, wanted.get(), leader + " leads", false);
        }
        var evidence = c.node().rejoin();
        if (evidence.isEmpty()) {
            return waitForEvidence(c, leader);
        }
        var plan = plan(c, evidence.get());
        return switch (plan) {
            case RejoinPlan.Follow f -> start(c, wanted.get(), f.because(), false);
            case RejoinPlan.Diverged d -> diverged(c, leader, wanted.get(), d);
            case RejoinPlan.Refuse r -> c.decide(Rule.REJOIN_WAIT, r.because(), Cycle.SHORTLY);
        };
    }

    /**
     * Data that was last written as a primary, or that ends on another timeline than the leader writes, is judged before it starts. A
     * plain replica on the leader's timeline cannot have diverged.
     */
    static boolean needsEvidence(Cycle c) {
        if (writtenAsPrimary(c)) {
            return true;
        }
        var ours = c.node().control().map(f -> f.timeline());
        var theirs = c.cluster()
                .leaderMember()
                .flatMap(m -> m.report().timeline())
                .or(() -> c.cluster().timeline());
        return ours.isEmpty() || theirs.isEmpty() || !ours.equals(theirs);
    }

    private static RejoinPlan plan(Cycle c, RejoinEvidence evidence) {
        boolean begunByAnother = c.cluster().history().stream()
                .filter(row -> row.timeline().next().equals(evidence.localTimeline()))
                .flatMap(row -> row.newLeader().stream())
                .anyMatch(name -> !name.equals(c.self()));
        return RejoinPlan.of(evidence, writtenAsPrimary(c), begunByAnother);
    }

    /** Now, or when it was started as a replica so that an election could compare it. */
    private static boolean writtenAsPrimary(Cycle c) {
        return PrimaryDownPolicy.wasPrimary(c) || c.memory().unjudged();
    }

    private static Decision waitForEvidence(Cycle c, MemberName leader) {
        var why = c.node().rejoinFailure().orElse("not asked yet");
        return c.decide(Rule.REJOIN_WAIT, "the history of " + leader + " is not known: " + why, Cycle.SHORTLY);
    }

    private static Decision start(Cycle c, Upstream upstream, String because, boolean rewound) {
        var memory = c.memory().with(m -> {
            m.wasPrimary = false;
            m.unjudged = false;
            m.notStreamingSince = Optional.of(c.now());
            if (rewound) {
                m.salvaged = false;
            }
            m.nextAttemptAt = Optional.of(c.now().plus(RETRY));
        });
        if (c.node().postgres() == io.matriarch.ha.model.PostgresState.CRASHED && !c.mayTryAgain()) {
            var wait = c.memory().nextAttemptAt().map(at -> at.since(c.now())).orElse(Cycle.SHORTLY);
            return c.decide(Rule.START_AS_REPLICA, "waiting before the next attempt", wait);
        }
        boolean fenced = c.node().fence().state() == FenceView.State.FENCED;
        return c.decide(
                fenced ? Rule.REJOIN_AFTER_FENCE : Rule.START_AS_REPLICA,
                fenced ? "the fence had stopped PostgreSQL; " + because : because,
                memory,
                Cycle.SHORTLY,
                new Action.StartReplica(upstream));
    }

    private static Decision diverged(Cycle c, MemberName leader, Upstream upstream, RejoinPlan.Diverged d) {
        var evidence = c.node().rejoin().orElseThrow();
        if (!c.mayTryAgain()) {
            return c.decide(Rule.REJOIN_WAIT, "waiting before the next attempt; " + d.because(), Cycle.SHORTLY);
        }
        boolean saved = c.memory().salvaged()
                && c.memory()
                        .salvageFrom()
                        .filter(m ->
                                m.timeline().equals(d.timeline()) && !m.lsn().isAfter(d.from()))
                        .isPresent();
        if (!saved) {
            return c.decide(
                    Rule.SALVAGE,
                    d.because(),
                    c.memory().with(m -> {
                        m.salvageFrom = Optional.of(new HaMemory.WalMark(d.timeline(), d.from()));
                        m.salvaged = false;
                    }),
                    Cycle.SHORTLY,
                    new Action.SalvageWal(d.timeline(), d.from(), evidence.localEnd()));
        }
        if (d.rewindable() && c.config().usePgRewind() && c.memory().rejoinAttempts() < REWIND_ATTEMPTS) {
            return c.decide(
                    Rule.REWIND,
                    d.because() + "; the diverged WAL is saved",
                    Cycle.SHORTLY,
                    new Action.Rewind(upstream, evidence.leaderSystem(), evidence.leaderTimeline()));
        }
        if (c.config().recloneOnDivergence()) {
            return c.decide(
                    Rule.RECLONE,
                    d.because() + "; the diverged WAL is saved and a rewind is not possible",
                    Cycle.SHORTLY,
                    new Action.Reclone(upstream, Optional.of(evidence.leaderSystem())));
        }
        return c.decide(
                Rule.REFUSE_REJOIN,
                d.because() + "; use_pg_rewind is off or failed and cloning is not allowed: reinitialize " + c.self()
                        + " by hand to follow " + leader,
                c.config().loopWait());
    }

    static Decision failed(Cycle c, String what, Outcome outcome) {
        var memory = c.memory().with(m -> {
            m.rejoinAttempts = m.rejoinAttempts + 1;
            m.nextAttemptAt = Optional.of(c.now().plus(RETRY));
        });
        return c.decide(Rule.REJOIN_WAIT, what + " failed: " + outcome, memory, Cycle.SHORTLY);
    }

    /** The leader, or the member that {@code replicatefrom} names while it runs. */
    static Optional<Upstream> wantedUpstream(Cycle c, MemberName leader) {
        return c.node()
                .tags()
                .replicatefrom()
                .filter(name -> !name.equals(c.self()))
                .filter(name -> c.cluster()
                        .member(name)
                        .filter(m -> m.report().state() == MemberState.RUNNING)
                        .isPresent())
                .flatMap(c::upstream)
                .or(() -> c.upstream(leader));
    }

    /** The timeline that this replica is on, as far as known. */
    static Optional<Timeline> timeline(Cycle c) {
        return c.node().wal().map(w -> w.timeline()).or(() -> c.node().control().map(f -> f.timeline()));
    }
}
