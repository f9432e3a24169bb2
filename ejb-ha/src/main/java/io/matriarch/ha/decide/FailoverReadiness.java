package io.matriarch.ha.decide;

import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.Readiness;
import io.matriarch.ha.model.RejectedCandidate;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** If the primary's host died now: who would take over, in how long, losing at most what, or why nobody. Asked all day. */
public final class FailoverReadiness {
    /** etcd ends a lease within half a second of its time. */
    private static final Duration LEASE_GRANULARITY = Duration.ofMillis(500);
    /** Election (a bounded wait for silent members) and promotion. */
    private static final Duration ELECT_AND_PROMOTE = Duration.ofMillis(500);

    private FailoverReadiness() {}

    /** Judges from the last view of the cluster; asks nobody. */
    public static Readiness of(DcsView dcs) {
        if (dcs instanceof DcsView.Lost lost) {
            return nobody("the DCS cannot be read (" + lost.reason() + "): nobody can be elected", List.of());
        }
        var cluster = dcs.lastKnown().orElseThrow();
        if (cluster.config().pause()) {
            return nobody("paused: nobody takes over by itself", List.of());
        }
        if (cluster.leader().isEmpty()) {
            return nobody("nobody leads now", List.of());
        }
        var rejected = new ArrayList<RejectedCandidate>();
        var best = cluster.members().values().stream()
                .filter(m -> !cluster.isLeader(m.name()))
                .filter(m -> {
                    var why = objection(cluster, m);
                    why.ifPresent(
                            w -> rejected.add(new RejectedCandidate(m.name().value(), w)));
                    return why.isEmpty();
                })
                .min(Comparator.comparing(FailoverReadiness::rank, CandidateRanking.BEST_FIRST));
        return best.map(m -> successor(cluster, m, rejected))
                .orElseGet(() -> nobody("no replica could take over", rejected));
    }

    private static CandidateRanking.Candidate rank(MemberView m) {
        return new CandidateRanking.Candidate(
                m.name(),
                m.report().timeline().orElse(new Timeline(1)),
                m.report().xlogLocation().orElse(Lsn.ZERO),
                m.report().tags().failoverPriority());
    }

    private static Readiness successor(ClusterView cluster, MemberView m, List<RejectedCandidate> rejected) {
        var within = cluster.config().ttl().plus(LEASE_GRANULARITY).plus(ELECT_AND_PROMOTE);
        boolean promised = cluster.config().synchronousMode() != SynchronousMode.OFF
                && cluster.sync().filter(s -> s.standbys().contains(m.name())).isPresent();
        Optional<Long> loss = promised ? Optional.of(0L) : lag(cluster, m);
        var words = promised
                ? "0 lost: it is a synchronous standby"
                : loss.map(b -> b + " bytes behind when last seen").orElse("its lag is unknown");
        return new Readiness(
                Optional.of(m.name()),
                within,
                loss,
                m.name() + " would take over within " + within.toMillis() / 1000.0 + " s, " + words,
                rejected);
    }

    private static Optional<Long> lag(ClusterView cluster, MemberView m) {
        return cluster.status().optime().flatMap(o -> m.report().xlogLocation().map(x -> Math.max(0, o.minus(x))));
    }

    private static Optional<String> objection(ClusterView cluster, MemberView m) {
        var report = m.report();
        if (report.tags().nofailover()) {
            return Optional.of("it is tagged nofailover");
        }
        if (report.state() != MemberState.RUNNING) {
            return Optional.of("its PostgreSQL is " + report.state().wire());
        }
        if (report.replicationState() != ReplicationState.STREAMING) {
            return Optional.of("it does not stream");
        }
        if (cluster.config().synchronousMode() == SynchronousMode.PRIORITY
                && cluster.sync()
                        .filter(s -> s.leader().isPresent() && !s.contains(m.name()))
                        .isPresent()) {
            return Optional.of("it is not a synchronous standby");
        }
        return lag(cluster, m)
                .filter(l -> l > cluster.config().maximumLagOnFailoverBytes())
                .map(l -> "it is " + l + " bytes behind, more than maximum_lag_on_failover");
    }

    private static Readiness nobody(String because, List<RejectedCandidate> rejected) {
        return new Readiness(Optional.empty(), Duration.ZERO, Optional.empty(), because, rejected);
    }
}
