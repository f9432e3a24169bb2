package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.LeaderLease;
import io.matriarch.ha.model.LeaseView;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.RejectedCandidate;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.model.Upstream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** The DCS cannot be read. */
final class DcsLostPolicy {
    private DcsLostPolicy() {}

    static Decision decide(Cycle c, DcsView.Lost lost) {
        if (c.config().pause()) {
            return c.decide(Rule.PAUSED, "the DCS is lost while paused: " + lost.reason());
        }
        if (c.slowJobRunning()) {
            return c.decide(Rule.WAIT_FOR_JOB, "the DCS is lost while a job runs: " + lost.reason());
        }
        return c.cluster().isLeader(c.self()) ? leader(c, lost) : replica(c, lost);
    }

    private static Decision leader(Cycle c, DcsView.Lost lost) {
        var confirmed = confirmedUntil(c);
        if (servesOrMay(c)) {
            return confirmed
                    .map(until -> c.decide(
                            Rule.FAILSAFE_HOLD,
                            "the DCS is lost (" + lost.reason() + "), and every member confirms us as the leader",
                            new Action.ExtendFence(until)))
                    .orElseGet(() -> unconfirmed(c, lost));
        }
        if (c.node().isDown()
                && c.node().data() == DataDirectory.PRESENT
                && confirmed.isPresent()
                && PrimaryDownPolicy.wasPrimary(c)) {
            var licence = c.cluster().leader().flatMap(k -> k.lease().map(l -> licence(k, l, c)));
            if (licence.isPresent() && c.mayTryAgain()) {
                return c.decide(
                        Rule.RESTART_IN_PLACE,
                        "the DCS is lost, every member confirms us, nobody else may take over",
                        c.memory().with(m -> {
                            m.nextAttemptAt =
                                    Optional.of(c.now().plus(c.config().retryTimeout()));
                            m.handover = Optional.empty();
                        }),
                        Cycle.SHORTLY,
                        List.of(new Action.ExtendFence(confirmed.get()), new Action.StartPrimary(licence.get())),
                        List.of());
            }
        }
        return replica(c, lost);
    }

    /**
     * Our PostgreSQL is the primary, or could be: one that is too busy to answer the probe in time still serves, and losing the DCS must
     * not turn a slow answer into an outage.
     */
    private static boolean servesOrMay(Cycle c) {
        return switch (c.node().postgres()) {
            case RUNNING -> c.node().isRunningPrimary();
            case STARTING -> true;
            case HUNG, UNKNOWN -> c.memory().wasPrimary();
            case STOPPING, STOPPED, CRASHED -> false;
        };
    }

    private static LeaderLease licence(LeaderKey key, io.matriarch.ha.model.LeaseId lease, Cycle c) {
        return new LeaderLease(c.self(), lease, key.createRevision());
    }

    private static Decision unconfirmed(Cycle c, DcsView.Lost lost) {
        if (!c.node().postgresGuarded()) {
            return c.decide(
                    Rule.DCS_LOST_DEMOTE,
                    "the DCS is lost (" + lost.reason() + ") and no fence guards our primary",
                    Cycle.SHORTLY,
                    c.stop(StopMode.IMMEDIATE, StopTimes.AT_ONCE));
        }
        var safeUntil = c.node().lease().map(LeaseView::safeUntil);
        var fenceUntil = c.node().fence().deadline();
        var until = fenceUntil.or(() -> safeUntil);
        var rejected = unconfirmedBy(c);
        if (until.filter(c.now()::isBefore).isPresent()) {
            var left = until.get().since(c.now());
            var wait = left.compareTo(Cycle.SHORTLY) < 0 ? left : Cycle.SHORTLY;
            return c.decide(
                    Rule.DCS_LOST_WAIT,
                    "the DCS is lost (" + lost.reason() + "); the lease holds for " + left.toMillis() + " ms",
                    c.memory(),
                    wait,
                    // A primary without a deadline came out of a pause: what our lease covers is set at once, outside
                    // of this process.
                    fenceUntil.isPresent() ? List.of() : List.of(new Action.ExtendFence(until.get())),
                    rejected);
        }
        return c.decide(
                Rule.DCS_LOST_DEMOTE,
                "the DCS is lost (" + lost.reason() + ") and our lease may end",
                c.memory(),
                Cycle.SHORTLY,
                List.of(new Action.FenceNow("the DCS is lost and not every member confirms us")),
                rejected);
    }

    private static List<RejectedCandidate> unconfirmedBy(Cycle c) {
        var missing = new TreeSet<>(mustConfirm(c).keySet());
        missing.removeAll(c.node().failsafe().confirmedBy());
        return missing.stream()
                .map(name -> new RejectedCandidate("failsafe", name + " does not confirm"))
                .toList();
    }

    /**
     * Until when nobody else can lead, by the word of every member that must confirm us: each of them abstains for a ttl from the moment
     * it heard us, which is not before we asked. Where there is nobody but us, whoever comes meanwhile does not race, for the map does
     * not name it.
     */
    static Optional<MonotonicTime> confirmedUntil(Cycle c) {
        if (!c.config().failsafeMode() || !c.cluster().failsafe().containsKey(c.self())) {
            return Optional.empty();
        }
        var others = mustConfirm(c).keySet();
        FailsafeView asked = c.node().failsafe();
        var since = others.isEmpty() ? Optional.of(c.now()) : asked.askedAt();
        return asked.confirmedBy().containsAll(others)
                ? since.map(at -> at.plus(c.config().ttl()).minus(c.config().fenceMargin()))
                : Optional.empty();
    }

    /**
     * The others in the failsafe map, and the members that we may just have written into it: of such a write we may have missed the
     * answer, and whoever finds itself in the map may race.
     */
    static Map<MemberName, String> mustConfirm(Cycle c) {
        var others = new TreeMap<>(c.cluster().failsafe());
        others.putAll(Recollection.addresses(c.cluster(), c.self()));
        others.remove(c.self());
        return others;
    }

    private static Decision replica(Cycle c, DcsView.Lost lost) {
        if (c.node().isRunningPrimary()) {
            return unconfirmed(c, lost);
        }
        // Data that was last written as a primary waits for the DCS: started as a replica it would no longer show that
        // it has to be judged
        // before it follows anybody.
        boolean startable = c.node().isDown()
                && c.node().data() == DataDirectory.PRESENT
                && !PrimaryDownPolicy.wasPrimary(c)
                && !c.memory().unjudged();
        if (startable && c.mayTryAgain()) {
            var upstream = c.cluster()
                    .leaderName()
                    .filter(name -> !name.equals(c.self()))
                    .flatMap(c::upstream)
                    .orElse(Upstream.NONE);
            var memory = c.memory()
                    .with(m -> m.nextAttemptAt =
                            Optional.of(c.now().plus(c.config().retryTimeout())));
            return c.decide(
                    Rule.DCS_LOST_REPLICA,
                    "the DCS is lost (" + lost.reason() + "); reads can go on",
                    memory,
                    Cycle.SHORTLY,
                    new Action.StartReplica(upstream));
        }
        return c.decide(Rule.DCS_LOST_REPLICA, "the DCS is lost: " + lost.reason());
    }
}
