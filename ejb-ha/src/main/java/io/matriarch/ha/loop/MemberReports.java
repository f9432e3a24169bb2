package io.matriarch.ha.loop;

import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.JobView;
import io.matriarch.ha.model.MemberReport;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.NodeView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.WalPosition;
import java.util.Optional;

/** What this member says of itself, in the words of the wire. */
final class MemberReports {
    private static final long FREE_BYTES_STEP = 64L << 20;

    private MemberReports() {}

    static MemberState state(NodeView node) {
        var job = node.job().filter(JobView::isRunning).map(JobView::kind);
        if (job.filter(k -> k == JobKind.INITDB).isPresent()) {
            return MemberState.INITDB;
        }
        if (job.filter(k -> k == JobKind.CLONE).isPresent()) {
            return MemberState.CREATING_REPLICA;
        }
        return switch (node.postgres()) {
            case RUNNING -> MemberState.RUNNING;
            case STARTING -> MemberState.STARTING;
            case STOPPING -> MemberState.STOPPING;
            // A silent server is not known to be down, and must not be called running.
            case HUNG, UNKNOWN -> MemberState.STARTING;
            case STOPPED -> MemberState.STOPPED;
            case CRASHED -> MemberState.CRASHED;
        };
    }

    static MemberRole role(NodeView node, boolean promoting) {
        if (node.data() != DataDirectory.PRESENT) {
            return MemberRole.UNINITIALIZED;
        }
        if (node.role() == PostgresRole.PRIMARY) {
            return node.isDown() ? MemberRole.DEMOTED : MemberRole.PRIMARY;
        }
        return promoting ? MemberRole.PROMOTED : MemberRole.REPLICA;
    }

    static MemberReport report(
            Identity identity,
            NodeView node,
            boolean promoting,
            boolean checkpointDue,
            boolean pause,
            boolean pendingRestart) {
        var state = state(node);
        var wal = state == MemberState.RUNNING ? node.wal() : Optional.<WalPosition>empty();
        Optional<Timeline> timeline =
                node.wal().map(WalPosition::timeline).or(() -> node.control().map(c -> c.timeline()));
        return new MemberReport(
                identity.connUrl(),
                identity.apiUrl(),
                identity.proxyUrl(),
                state,
                role(node, promoting),
                Identity.WIRE_VERSION,
                Optional.of("matriarch/" + identity.agentVersion()),
                identity.tags().get(),
                wal.map(WalPosition::written),
                wal.flatMap(WalPosition::received),
                wal.flatMap(WalPosition::replayed),
                wal.map(WalPosition::replicationState).orElse(ReplicationState.NONE),
                timeline,
                checkpointDue && node.role() == PostgresRole.PRIMARY,
                pendingRestart,
                pause,
                node.storage().walFreeBytes().map(MemberReports::coarse));
    }

    /** In steps, so that an idle member's key does not change with every file that somebody writes. */
    private static long coarse(long bytes) {
        return bytes < FREE_BYTES_STEP ? bytes >> 20 << 20 : bytes / FREE_BYTES_STEP * FREE_BYTES_STEP;
    }
}
