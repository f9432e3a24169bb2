package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.JobView;
import io.matriarch.ha.model.LeaderLease;
import io.matriarch.ha.model.LeaseView;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeView;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.RejectedCandidate;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.model.Upstream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a policy looks at: the views of one cycle with their usual questions.
 *
 * @param cluster just read, or last known when the DCS is lost
 * @param memory already brought up to date with this cycle's views
 */
record Cycle(ClusterView cluster, NodeView node, HaMemory memory, MonotonicTime now) {
    /** How soon to look again at something that changes within milliseconds (a promotion, a stop). */
    static final Duration SOON = Duration.ofMillis(20);
    /** How soon to look again at something that takes a part of a second. */
    static final Duration SHORTLY = Duration.ofMillis(200);

    ClusterConfig config() {
        return cluster.config();
    }

    MemberName self() {
        return node.self();
    }

    boolean initializeClaimedByUs() {
        return cluster.initialize()
                .filter(i -> i.systemIdentifier().isEmpty())
                .flatMap(i -> i.lease())
                .filter(l -> node.lease().map(LeaseView::id).filter(l::equals).isPresent())
                .isPresent();
    }

    /** A job other than a checkpoint: nothing else may touch PostgreSQL or its files meanwhile. */
    boolean slowJobRunning() {
        return node.job()
                .filter(JobView::isRunning)
                .filter(j -> j.kind() != JobKind.CHECKPOINT)
                .isPresent();
    }

    /** The licence to lead, if the leader key is ours on our present lease and that lease is safe now. */
    Optional<LeaderLease> licence() {
        return cluster.leader()
                .filter(k -> k.holder().equals(self()))
                .flatMap(key -> node.lease()
                        .filter(l -> now.isBefore(l.safeUntil()))
                        .filter(l -> key.lease().filter(l.id()::equals).isPresent())
                        .map(l -> new LeaderLease(self(), l.id(), key.createRevision())));
    }

    /**
     * Asks for the leader key, which settles who was named to take it now; a switchover away from a named leader is settled by that one. In
     * a pause the request stays until the promotion: it is what allows one.
     */
    Action acquire() {
        return new Action.AcquireLeaderKey(cluster.failover()
                .filter(f -> f.isFailover() && !config().pause())
                .map(FailoverRequest::modRevision));
    }

    boolean mayTryAgain() {
        return memory.nextAttemptAt().map(now::isAtOrAfter).orElse(true);
    }

    /** Where a replica of {@code leader} connects to. */
    Optional<Upstream> upstream(MemberName leader) {
        var at = cluster.member(leader).flatMap(Upstreams::of);
        // Only the leader keeps slots for the members; on another replica there is none to use.
        return cluster.isLeader(leader) ? at.map(u -> Upstreams.withSlot(u, self())) : at;
    }

    /** Ends PostgreSQL with its sessions as fast as can be; what is not the fence's child it cannot end. */
    Action stopAtOnce(String why) {
        return node.postgresGuarded()
                ? new Action.FenceNow(why)
                : new Action.StopPostgres(StopMode.IMMEDIATE, StopTimes.AT_ONCE);
    }

    /** Asks for a stop, unless one is on its way: a second request would begin the patience of the first anew. */
    Action[] stop(StopMode mode, Duration timeout) {
        return node.postgres() == PostgresState.STOPPING
                ? new Action[0]
                : new Action[] {new Action.StopPostgres(mode, timeout)};
    }

    /** Of a primary that runs or starts: neither a lease nor a deadline bounds it, so nothing would end it when another takes the key. */
    boolean unbounded() {
        return !node.isDown()
                && node.fence().deadline().isEmpty()
                && node.lease().filter(l -> now.isBefore(l.safeUntil())).isEmpty();
    }

    /** Whether the fence ends PostgreSQL by itself in time: its deadline was set by a lease or by everybody's word. */
    boolean deadlineAhead() {
        return node.fence().deadline().filter(now::isBefore).isPresent();
    }

    /** Since when nobody holds the leader key, as far as this agent saw; zero while somebody does. */
    Duration leaderlessFor() {
        return memory.leaderlessSince().map(now::since).orElse(Duration.ZERO);
    }

    /** How soon to look again at something that may last: often at first, then less. */
    Duration soonThenShortly() {
        return now.since(node.postgresSince()).compareTo(Duration.ofSeconds(2)) < 0 ? SOON : SHORTLY;
    }

    Decision decide(Rule rule, String because, Action... actions) {
        return decide(rule, because, memory, config().loopWait(), Arrays.asList(actions), List.of());
    }

    Decision decide(Rule rule, String because, Duration wait, Action... actions) {
        return decide(rule, because, memory, wait, Arrays.asList(actions), List.of());
    }

    Decision decide(Rule rule, String because, HaMemory newMemory, Duration wait, Action... actions) {
        return decide(rule, because, newMemory, wait, Arrays.asList(actions), List.of());
    }

    Decision decide(
            Rule rule,
            String because,
            HaMemory newMemory,
            Duration wait,
            List<Action> actions,
            List<RejectedCandidate> rejected) {
        return new Decision(rule, because, actions, newMemory, now.plus(wait), rejected);
    }
}
