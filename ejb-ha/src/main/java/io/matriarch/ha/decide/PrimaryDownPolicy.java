package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.LeaderLease;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.RejectedCandidate;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The leader key is ours, and our PostgreSQL does not serve. */
final class PrimaryDownPolicy {
    private static final Duration FIRST_RETRY = Duration.ofMillis(250);
    private static final Duration LAST_RETRY = Duration.ofSeconds(10);
    private static final int REPLICA_ATTEMPTS = 3;
    private static final Duration STANDBY_START = Duration.ofSeconds(20);

    private PrimaryDownPolicy() {}

    static Decision down(Cycle c, LeaderLease licence) {
        if (c.memory().handover().isPresent()) {
            return SwitchoverPolicy.onStopped(c, licence);
        }
        if (!wasPrimary(c)) {
            return startReplica(c);
        }
        var rejected = new ArrayList<RejectedCandidate>();
        if (c.node().postgres() == PostgresState.CRASHED && c.node().request() == LocalRequest.NONE) {
            var complete = complete(c, rejected);
            if (complete.isPresent()) {
                return handOver(c, Rule.CRASH_HANDOVER, complete.get(), rejected);
            }
        }
        if (startTimeoutPassed(c)) {
            var best = bestWithinLag(c, rejected);
            if (best.isPresent()) {
                return handOver(c, Rule.HANDOVER_AFTER_START_TIMEOUT, best.get(), rejected);
            }
        }
        if (c.node().storage().walIsFull()) {
            return c.decide(
                    Rule.WAL_DISK_FULL,
                    "only " + c.node().storage().walFreeBytes().orElse(0L) + " bytes are free for WAL, "
                            + c.node().storage().minimumFreeBytes()
                            + " are needed; free some, then it starts by itself",
                    c.memory().with(m -> m.recoveringSince = m.recoveringSince.or(() -> Optional.of(c.now()))),
                    c.config().loopWait(),
                    List.of(),
                    rejected);
        }
        if (!c.mayTryAgain()) {
            return waiting(c, comingBack(c), rejected);
        }
        return restartInPlace(c, licence, rejected);
    }

    /** We won the key as a replica, and it ended before it was promoted. One that does not come up must not keep the key. */
    private static Decision startReplica(Cycle c) {
        var rejected = new ArrayList<RejectedCandidate>();
        boolean keepsEnding = c.memory().crashesInPlace() >= REPLICA_ATTEMPTS;
        var best = keepsEnding ? bestWithinLag(c, rejected) : Optional.<PeerView>empty();
        if (best.isPresent()) {
            return handOver(c, Rule.HANDOVER_AFTER_START_TIMEOUT, best.get(), rejected);
        }
        if (!c.mayTryAgain()) {
            return waiting(c, Rule.START_AS_REPLICA, rejected);
        }
        return c.decide(
                Rule.START_AS_REPLICA,
                "we hold the leader key and our PostgreSQL was a replica when it ended",
                nextAttempt(c),
                Cycle.SHORTLY,
                List.of(new Action.StartReplica(Upstream.NONE)),
                rejected);
    }

    private static Decision waiting(Cycle c, Rule rule, List<RejectedCandidate> rejected) {
        var wait = c.memory().nextAttemptAt().map(at -> at.since(c.now())).orElse(Cycle.SHORTLY);
        return c.decide(rule, "waiting before the next attempt", c.memory(), wait, List.of(), rejected);
    }

    private static HaMemory nextAttempt(Cycle c) {
        int attempt = c.memory().crashesInPlace() + 1;
        var pause = FIRST_RETRY.multipliedBy(1L << Math.min(attempt - 1, 10));
        var bounded = pause.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : pause;
        return c.memory().with(m -> {
            m.crashesInPlace = attempt;
            // A stop that was asked for is no trouble that one recovers from.
            m.recoveringSince = c.node().request() == LocalRequest.RESTART
                    ? m.recoveringSince
                    : m.recoveringSince.or(() -> Optional.of(c.now()));
            // The first attempt costs nothing to repeat at once; a server that keeps dying must not be started in a
            // tight loop.
            m.nextAttemptAt =
                    attempt == 1 ? Optional.empty() : Optional.of(c.now().plus(bounded));
        });
    }

    /** Three ways to start where it is: after a crash, which weakens the cluster; as asked; and first of all, or after a clean stop. */
    private static Rule comingBack(Cycle c) {
        if (c.node().request() == LocalRequest.RESTART) {
            return Rule.RESTART_REQUESTED;
        }
        return c.node().postgres() == PostgresState.STOPPED ? Rule.START_AS_PRIMARY : Rule.RESTART_IN_PLACE;
    }

    private static Decision restartInPlace(Cycle c, LeaderLease licence, List<RejectedCandidate> rejected) {
        var memory = nextAttempt(c);
        var rule = comingBack(c);
        var because = switch (rule) {
            case RESTART_REQUESTED -> "a restart was asked for, and it comes back as the primary";
            case START_AS_PRIMARY -> "it is complete and was not running";
            default ->
                "our WAL ends at "
                        + c.node().endOfWal().map(Lsn::toString).orElse("an unknown position")
                        + " and nobody who answered is known to hold all of it";
        };
        return c.decide(
                rule,
                because + " (attempt " + memory.crashesInPlace() + ")",
                memory,
                Cycle.SOON,
                List.of(new Action.StartPrimary(licence)),
                rejected);
    }

    static Decision starting(Cycle c, LeaderLease licence) {
        if (!wasPrimary(c) && c.node().standbySignal()) {
            var waited = c.now().since(c.node().postgresSince());
            if (waited.compareTo(STANDBY_START) > 0) {
                var rejected = new ArrayList<RejectedCandidate>();
                var best = bestWithinLag(c, rejected);
                if (best.isPresent()) {
                    return handOver(c, Rule.HANDOVER_AFTER_START_TIMEOUT, best.get(), rejected);
                }
            }
            return c.decide(Rule.WAIT_FOR_START, "the replica that shall be promoted starts", c.soonThenShortly());
        }
        if (startTimeoutPassed(c)) {
            var rejected = new ArrayList<RejectedCandidate>();
            if (bestWithinLag(c, rejected).isPresent()) {
                return c.decide(
                        Rule.HANDOVER_AFTER_START_TIMEOUT,
                        "recovery has lasted longer than primary_start_timeout "
                                + c.config().primaryStartTimeout().toSeconds() + " s",
                        c.memory(),
                        Cycle.SHORTLY,
                        List.of(new Action.StopPostgres(StopMode.IMMEDIATE, Duration.ofSeconds(2))),
                        rejected);
            }
        }
        return c.decide(Rule.WAIT_FOR_START, "PostgreSQL is starting", c.soonThenShortly());
    }

    static Decision hung(Cycle c) {
        var since = c.memory().hungSince().orElse(c.now());
        var patience = hungPatience(c);
        if (c.now().since(since).compareTo(patience) < 0) {
            return c.decide(
                    Rule.HUNG_POSTGRES,
                    "PostgreSQL does not answer; it has until " + patience.toMillis() + " ms",
                    Cycle.SHORTLY);
        }
        return c.decide(
                Rule.HUNG_POSTGRES,
                "PostgreSQL has not answered for " + c.now().since(since).toMillis() + " ms",
                Cycle.SOON,
                c.stopAtOnce("PostgreSQL does not answer"));
    }

    /** Twice the retry time-out: longer than any bound of a single probe, shorter than a human's patience. */
    static Duration hungPatience(Cycle c) {
        return c.config().retryTimeout().multipliedBy(2);
    }

    /** Whether the data was last written as a primary: remembered, or as the files say. */
    static boolean wasPrimary(Cycle c) {
        return !c.node().standbySignal()
                && (c.memory().wasPrimary()
                        || c.node().role() == PostgresRole.PRIMARY
                        || c.node().control().filter(f -> f.wasPrimary()).isPresent());
    }

    static boolean startTimeoutPassed(Cycle c) {
        var limit = c.config().primaryStartTimeout();
        var since = c.memory().recoveringSince();
        // Zero forbids to recover in place, not to start after a stop that was asked for.
        return limit.isZero()
                ? since.isPresent() || c.node().postgres() == PostgresState.CRASHED
                : since.filter(at -> c.now().since(at).compareTo(limit) >= 0).isPresent();
    }

    private static Decision handOver(Cycle c, Rule rule, PeerView to, List<RejectedCandidate> rejected) {
        HaMemory memory = c.memory().with(m -> {
            m.recoveringSince = Optional.empty();
            m.crashesInPlace = 0;
            m.nextAttemptAt = Optional.empty();
        });
        var end = c.node().endOfWal();
        var because = end.map(e -> "our WAL ends at " + e + ", " + to.name() + " holds up to "
                        + to.wal().map(Lsn::toString).orElse("?"))
                .orElse(to.name() + " is within maximum_lag_on_failover");
        return c.decide(
                rule,
                because,
                memory,
                Cycle.SHORTLY,
                List.of(new Action.ReleaseLeaderKey(end, Optional.of(to.name()))),
                rejected);
    }

    /** The best peer that provably holds every byte of our WAL. Without a known end nobody does. */
    private static Optional<PeerView> complete(Cycle c, List<RejectedCandidate> rejected) {
        var end = c.node().endOfWal();
        var timeline = lastTimeline(c);
        if (end.isEmpty() || timeline.isEmpty()) {
            c.node()
                    .peers()
                    .keySet()
                    .forEach(name -> rejected.add(new RejectedCandidate(
                            name.value(), "the end of our WAL is unknown, so nobody is known to hold all")));
            return Optional.empty();
        }
        return Candidates.best(c, timeline.get(), rejected, peer -> {
            if (peer.wal().filter(end.get()::equals).isPresent()
                    || peer.wal().filter(w -> w.isAfter(end.get())).isPresent()) {
                return roomFor(c, peer);
            }
            return Optional.of("it holds WAL up to "
                    + peer.wal().map(Lsn::toString).orElse("an unknown position") + ", ours ends at " + end.get());
        });
    }

    /** The timeline of what our PostgreSQL wrote last. */
    private static Optional<Timeline> lastTimeline(Cycle c) {
        return c.memory()
                .lastFlush()
                .map(HaMemory.WalMark::timeline)
                .or(() -> c.node().control().map(f -> f.timeline()));
    }

    /** A full disk must not wander: a successor has to say that it has room when ours has none. */
    private static Optional<String> roomFor(Cycle c, PeerView peer) {
        if (!c.node().storage().walIsFull()) {
            return Optional.empty();
        }
        long needed = 4 * c.node().storage().minimumFreeBytes();
        return peer.walFreeBytes().filter(free -> free >= needed).isPresent()
                ? Optional.empty()
                : Optional.of("our WAL disk is full and it does not show at least " + needed + " bytes free");
    }

    private static Optional<PeerView> bestWithinLag(Cycle c, List<RejectedCandidate> rejected) {
        var known = c.node()
                .endOfWal()
                .or(() -> c.memory().lastFlush().map(HaMemory.WalMark::lsn))
                .or(() -> c.cluster().status().optime());
        var timeline = lastTimeline(c);
        if (timeline.isEmpty()) {
            return Optional.empty();
        }
        return Candidates.best(c, timeline.get(), rejected, peer -> {
            long lag = known.map(k -> peer.wal().map(w -> k.minus(w)).orElse(Long.MAX_VALUE))
                    .orElse(0L);
            if (lag > c.config().maximumLagOnFailoverBytes()) {
                return Optional.of("it is " + lag + " bytes behind, more than maximum_lag_on_failover");
            }
            return peer.wal()
                    .flatMap(w -> QuorumVotes.missing(c, peer.name(), w))
                    .or(() -> roomFor(c, peer));
        });
    }
}
