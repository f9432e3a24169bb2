package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.LeaseView;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.RejectedCandidate;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.Upstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** The cluster exists and nobody holds the leader key: try for it, or leave it to a better one. */
final class ElectionPolicy {
    /** After a cold start, how long to wait for members that may hold more than those that are up already. */
    static final Duration COLD_START_PATIENCE = Duration.ofSeconds(20);

    private ElectionPolicy() {}

    static Decision decide(Cycle c) {
        var node = c.node();
        if (node.data() != DataDirectory.PRESENT) {
            var because = "nobody leads and the data directory is " + node.data();
            return node.isRunningPrimary()
                    ? c.decide(Rule.DEMOTE_FOREIGN_LEADER, because, Cycle.SHORTLY, c.stopAtOnce(because))
                    : c.decide(Rule.WAIT_FOR_CLONE_SOURCE, because);
        }
        return switch (node.postgres()) {
            case RUNNING ->
                switch (node.role()) {
                    case PRIMARY -> primary(c);
                    case REPLICA -> race(c);
                    case UNKNOWN -> c.decide(Rule.UNKNOWN_STATE, "PostgreSQL's role is unknown", Cycle.SHORTLY);
                };
            // Without standby.signal it comes up as a primary: it needs the leader key as one that runs.
            case STARTING ->
                node.standbySignal()
                        ? c.decide(Rule.WAIT_FOR_START, "PostgreSQL is starting", Cycle.SHORTLY)
                        : primary(c);
            case STOPPING -> c.decide(Rule.WAIT_FOR_START, "PostgreSQL is shutting down", Cycle.SHORTLY);
            case STOPPED, CRASHED -> down(c);
            case HUNG -> hung(c);
            case UNKNOWN -> c.decide(Rule.UNKNOWN_STATE, "PostgreSQL's state is unknown", Cycle.SHORTLY);
        };
    }

    private static Decision hung(Cycle c) {
        var since = c.memory().hungSince().orElse(c.now());
        var patience = c.memory().wasPrimary() ? Duration.ZERO : ReplicaPolicy.HUNG_PATIENCE;
        return c.now().since(since).compareTo(patience) < 0
                ? c.decide(Rule.HUNG_POSTGRES, "nobody leads, and PostgreSQL does not answer", Cycle.SHORTLY)
                : c.decide(
                        Rule.HUNG_POSTGRES,
                        "nobody leads, and PostgreSQL has not answered for "
                                + c.now().since(since).toSeconds() + " s",
                        Cycle.SHORTLY,
                        c.stopAtOnce("PostgreSQL does not answer and we do not lead"));
    }

    private static Decision down(Cycle c) {
        if (c.node().postgres() == PostgresState.CRASHED && !c.mayTryAgain()) {
            return c.decide(Rule.START_AS_REPLICA, "waiting before the next attempt", Cycle.SHORTLY);
        }
        var ahead = NamedCandidate.withHeadStart(c);
        if (ahead.isPresent()) {
            // In a moment it is known whom to follow.
            return waitForNamed(c, ahead.get(), List.of());
        }
        var memory = c.memory().with(m -> {
            m.unjudged = m.unjudged || PrimaryDownPolicy.wasPrimary(c);
            m.wasPrimary = false;
            m.nextAttemptAt = Optional.of(c.now().plus(Duration.ofSeconds(5)));
        });
        return c.decide(
                Rule.START_AS_REPLICA,
                "nobody leads; as a replica it can be compared with the others",
                memory,
                Cycle.SHORTLY,
                new Action.StartReplica(Upstream.NONE));
    }

    /** Our primary lost its key without being fenced (a DCS that came back, a deleted key): it takes the key back if nobody moved on. */
    private static Decision primary(Cycle c) {
        var ours = SwitchoverPolicy.ownTimeline(c);
        var cluster = c.cluster().timeline();
        if (cluster.filter(t -> t.compareTo(ours) > 0).isPresent()) {
            return c.decide(
                    Rule.DEMOTE_FOREIGN_LEADER,
                    "the cluster was on timeline " + cluster.get() + ", our primary is on " + ours,
                    Cycle.SOON,
                    c.stopAtOnce("the cluster moved on to a later timeline"));
        }
        var other = c.node().peers().values().stream()
                .filter(p -> p.role() == PostgresRole.PRIMARY)
                .findFirst();
        if (other.isPresent()) {
            return c.decide(
                    Rule.DEMOTE_FOREIGN_LEADER,
                    other.get().name() + " runs a primary too and nobody holds the leader key",
                    Cycle.SOON,
                    c.stopAtOnce("another primary lives"));
        }
        if (c.node().tags().nofailover()) {
            return c.decide(Rule.ABSTAIN, "tagged nofailover", Cycle.SHORTLY, c.stopAtOnce("tagged nofailover"));
        }
        if (c.unbounded()) {
            return LeaderPolicy.unbounded(c);
        }
        return c.decide(
                Rule.RETAKE_LEADERSHIP,
                "our PostgreSQL is the primary on timeline " + ours + " and nobody else leads",
                c.memory(),
                Duration.ZERO,
                retake(c),
                List.of());
    }

    /** Somebody else may take the key at any moment: a primary that came out of a pause gets its deadline before it asks. */
    static List<Action> retake(Cycle c) {
        if (c.node().fence().deadline().isPresent()) {
            return List.of(c.acquire());
        }
        var until = c.node()
                .lease()
                .map(LeaseView::safeUntil)
                .filter(c.now()::isBefore)
                .orElseThrow();
        return List.of(new Action.ExtendFence(until), c.acquire());
    }

    private static Decision race(Cycle c) {
        var rejected = new ArrayList<RejectedCandidate>();
        var no = objection(c);
        if (no.isPresent()) {
            return c.decide(Rule.ABSTAIN, no.get(), Cycle.SHORTLY);
        }
        var ahead = NamedCandidate.withHeadStart(c);
        if (ahead.isPresent()) {
            return waitForNamed(c, ahead.get(), rejected);
        }
        var better = betterThanMe(c, rejected);
        var primary = c.node().peers().values().stream()
                .filter(p -> p.role() == PostgresRole.PRIMARY)
                .findFirst();
        if (primary.isPresent()) {
            return c.decide(
                    Rule.ABSTAIN,
                    primary.get().name() + " still runs a primary",
                    c.memory(),
                    Cycle.SHORTLY,
                    List.of(),
                    rejected);
        }
        if (NamedCandidate.isOurself(c)) {
            return take(c, "named as the candidate", rejected);
        }
        var living = LivingPrimary.stillSends(c);
        if (living.isPresent()) {
            return c.decide(Rule.ABSTAIN, living.get(), c.memory(), Cycle.SOON, List.of(), rejected);
        }
        var named = NamedCandidate.other(c).filter(name -> NamedCandidate.goesFirst(c, name, me(c)));
        if (named.isPresent()) {
            return waitForNamed(c, named.get(), rejected);
        }
        if (better.isPresent()) {
            return c.decide(Rule.ABSTAIN, better.get(), c.memory(), Cycle.SHORTLY, List.of(), rejected);
        }
        var wait = worthWaitingFor(c);
        if (wait.isPresent()) {
            return c.decide(Rule.WAIT_FOR_BETTER_CANDIDATE, wait.get(), c.memory(), Cycle.SHORTLY, List.of(), rejected);
        }
        var votes = QuorumVotes.missing(c, c.self(), me(c).wal());
        if (votes.isPresent()) {
            return c.decide(Rule.ABSTAIN, votes.get(), c.memory(), Cycle.SHORTLY, List.of(), rejected);
        }
        return take(c, "nobody who answered holds more than " + position(c), rejected);
    }

    private static Decision waitForNamed(Cycle c, MemberName named, List<RejectedCandidate> rejected) {
        return c.decide(
                Rule.WAIT_FOR_NAMED_CANDIDATE,
                named + " is named as the candidate",
                c.memory(),
                Cycle.SHORTLY,
                List.of(),
                rejected);
    }

    private static Decision take(Cycle c, String because, List<RejectedCandidate> rejected) {
        return c.decide(Rule.RACE, because, c.memory(), Duration.ZERO, List.of(c.acquire()), rejected);
    }

    /** What forbids this member to lead, whoever else there is. */
    private static Optional<String> objection(Cycle c) {
        if (c.node().tags().nofailover()) {
            return Optional.of("tagged nofailover");
        }
        var unfenced = UnfencedRule.other(c);
        if (unfenced.isPresent()) {
            return Optional.of(UnfencedRule.warning(unfenced.get()));
        }
        var announced = c.node().failsafe();
        if (announced.announcedLeader().isPresent()
                && announced
                        .announcedAt()
                        .filter(at -> c.now().since(at).compareTo(c.config().ttl()) < 0)
                        .isPresent()) {
            return Optional.of(announced.announcedLeader().get() + " leads without the DCS in failsafe mode");
        }
        // Also when the mode was switched off since: the leader may not have heard of that.
        if (c.cluster().failsafe().keySet().stream().anyMatch(name -> !name.equals(c.self()))
                && c.memory()
                        .startedAt()
                        .filter(at -> c.now().since(at).compareTo(c.config().ttl()) < 0)
                        .isPresent()) {
            return Optional.of("this agent has just started: a leader without the DCS may have its predecessor's word");
        }
        if (c.config().failsafeMode()
                && !c.cluster().failsafe().isEmpty()
                && !c.cluster().failsafe().containsKey(c.self())
                && !everybodyInTheFailsafeMapFollows(c)) {
            return Optional.of("not in the failsafe map: a leader without the DCS would not have asked us");
        }
        var request = c.cluster().failover();
        boolean settled = NamedCandidate.isOurself(c);
        if (request.filter(FailoverRequest::isImmediate)
                        .flatMap(f -> f.leader())
                        .filter(c.self()::equals)
                        .isPresent()
                && c.leaderlessFor().compareTo(c.config().ttl()) < 0) {
            return Optional.of("we released the leader key in a switchover");
        }
        if (c.config().synchronousMode() == SynchronousMode.PRIORITY
                && c.cluster()
                        .sync()
                        .filter(s -> s.leader().isPresent() && !s.contains(c.self()))
                        .isPresent()
                && !settled) {
            return Optional.of("not a synchronous standby: we may lack acknowledged commits");
        }
        var mine = c.node().wal().map(w -> w.written());
        if (mine.isEmpty()) {
            return Optional.of("our own WAL position is unknown");
        }
        var optime = c.cluster().status().optime();
        long lag = optime.map(o -> o.minus(mine.get())).orElse(0L);
        if (!settled && lag > c.config().maximumLagOnFailoverBytes()) {
            return Optional.of("we are " + lag + " bytes behind the last known leader position, more than "
                    + "maximum_lag_on_failover");
        }
        var cluster = c.cluster().timeline();
        if (c.config().checkTimeline()
                && cluster.filter(t -> t.compareTo(SwitchoverPolicy.ownTimeline(c)) > 0)
                        .isPresent()) {
            return Optional.of(
                    "we are on timeline " + SwitchoverPolicy.ownTimeline(c) + ", the cluster is on " + cluster.get());
        }
        return Optional.empty();
    }

    /** Who leads without the DCS is in the map itself. The map may be old: failsafe mode was off, and is on again since nobody leads. */
    private static boolean everybodyInTheFailsafeMapFollows(Cycle c) {
        return c.cluster().failsafe().keySet().stream()
                .allMatch(name -> Optional.ofNullable(c.node().peers().get(name))
                        .filter(p -> p.answered() && p.role() == PostgresRole.REPLICA)
                        .isPresent());
    }

    private static CandidateRanking.Candidate me(Cycle c) {
        return new CandidateRanking.Candidate(
                c.self(),
                SwitchoverPolicy.ownTimeline(c),
                c.node().wal().orElseThrow().written(),
                c.node().tags().failoverPriority());
    }

    private static Optional<String> betterThanMe(Cycle c, List<RejectedCandidate> rejected) {
        var timeline = SwitchoverPolicy.ownTimeline(c);
        var me = me(c);
        Optional<String> better = Optional.empty();
        for (var peer : c.node().peers().values()) {
            var rank = CandidateRanking.of(peer, timeline);
            if (!peer.answered() || rank.isEmpty() || peer.tags().nofailover() || excludedBySync(c, peer)) {
                rejected.add(new RejectedCandidate(peer.name().value(), whyNot(c, peer)));
            } else if (rank.get().holdsMoreThan(me)) {
                better = Optional.of(peer.name() + " holds up to " + rank.get().wal() + " on timeline "
                        + rank.get().timeline() + ", we " + position(c));
            } else if (!NamedCandidate.goesByName(c)
                    && rank.get().holdsTheSameAs(me)
                    && rank.get().priority() > me.priority()) {
                better = Optional.of(peer.name() + " holds the same and has the higher failover_priority");
            } else {
                rejected.add(new RejectedCandidate(
                        peer.name().value(),
                        "it holds up to " + rank.get().wal() + " on timeline "
                                + rank.get().timeline()));
            }
        }
        return better;
    }

    private static boolean excludedBySync(Cycle c, PeerView peer) {
        return c.config().synchronousMode() == SynchronousMode.PRIORITY
                && c.cluster()
                        .sync()
                        .filter(s -> s.leader().isPresent() && !s.contains(peer.name()))
                        .isPresent();
    }

    private static String whyNot(Cycle c, PeerView peer) {
        if (!peer.answered()) {
            return "it did not answer";
        }
        if (peer.tags().nofailover()) {
            return "it is tagged nofailover";
        }
        return excludedBySync(c, peer) ? "it is not a synchronous standby" : "it shows no WAL position";
    }

    private static String position(Cycle c) {
        return c.node()
                .wal()
                .map(w -> w.written() + " on timeline " + w.timeline())
                .orElse("an unknown position");
    }

    /**
     * Somebody who is not there yet may hold commits that we lack. When we saw the leader ourselves the members that it had are known and
     * asked; after a cold start only the failsafe map and the last status say who should come.
     */
    private static Optional<String> worthWaitingFor(Cycle c) {
        boolean cold = c.memory().lastLeader().isEmpty();
        boolean behindStatus = c.cluster()
                .status()
                .optime()
                .filter(o -> o.isAfter(c.node().wal().map(w -> w.written()).orElse(Lsn.ZERO)))
                .isPresent();
        boolean behindTimeline = c.cluster()
                .timeline()
                .filter(t -> t.compareTo(SwitchoverPolicy.ownTimeline(c)) > 0)
                .isPresent();
        if (!(cold || behindTimeline) || c.leaderlessFor().compareTo(COLD_START_PATIENCE) >= 0) {
            return Optional.empty();
        }
        var missing = new TreeSet<>(c.cluster().failsafe().keySet());
        missing.addAll(c.cluster().members().keySet());
        missing.remove(c.self());
        missing.removeIf(name -> Optional.ofNullable(c.node().peers().get(name))
                .filter(p -> p.answered() && (p.wal().isPresent() || gone(p)))
                .isPresent());
        boolean mayHoldMore =
                behindStatus || behindTimeline || c.cluster().status().optime().isEmpty();
        return missing.isEmpty() || !mayHoldMore
                ? Optional.empty()
                : Optional.of("cold start: " + missing + " may hold more and has "
                        + COLD_START_PATIENCE.minus(c.leaderlessFor()).toSeconds() + " s to come");
    }

    private static boolean gone(PeerView peer) {
        return peer.state()
                .filter(s ->
                        s == MemberState.CREATING_REPLICA || s == MemberState.INITDB || s == MemberState.START_FAILED)
                .isPresent();
    }
}
