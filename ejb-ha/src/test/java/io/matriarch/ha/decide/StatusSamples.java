package io.matriarch.ha.decide;

import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.Readiness;
import io.matriarch.ha.model.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Published statuses made of {@link Views}, for the tests of those who read them. */
public final class StatusSamples {
    public static final MemberName ME = Views.ME;
    public static final MemberName OTHER = Views.OTHER;
    public static final MemberName THIRD = Views.THIRD;
    /** When PostgreSQL was started. */
    public static final Instant STARTED = Views.TODAY;

    private StatusSamples() {}

    /** {@link #ME} leads, {@link #OTHER} and {@link #THIRD} follow. */
    public static NodeStatus leader() {
        return status(Views.primary().cycle());
    }

    /** {@link #OTHER} leads. */
    public static NodeStatus replica() {
        return status(Views.replica().cycle());
    }

    /** A replica that answers and may be elected. */
    public static PeerView peer(MemberName name) {
        return Views.peer(name, Views.END);
    }

    /** A copy with one component changed. */
    public static <R extends Record> R with(R record, String component, Object value) {
        return Records.with(record, component, value);
    }

    /** The cluster that the status shows. */
    public static ClusterView cluster(NodeStatus status) {
        return status.dcs().lastKnown().orElseThrow();
    }

    private static NodeStatus status(Cycle seen) {
        boolean leads = seen.cluster().isLeader(ME);
        return new NodeStatus(
                new Scope("service", "demo"),
                ME,
                "0.1.0",
                Views.NOW,
                Views.NOW.plus(Duration.ofSeconds(1)),
                new DcsView.Reachable(seen.cluster()),
                seen.node(),
                leads,
                Optional.empty(),
                Optional.empty(),
                false,
                MemberState.RUNNING,
                seen.node().role() == PostgresRole.PRIMARY ? MemberRole.PRIMARY : MemberRole.REPLICA,
                150_018,
                Optional.of(STARTED),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                new Readiness(Optional.empty(), Duration.ZERO, Optional.empty(), "nobody", List.of()),
                Optional.empty(),
                Duration.ofMillis(5));
    }
}
