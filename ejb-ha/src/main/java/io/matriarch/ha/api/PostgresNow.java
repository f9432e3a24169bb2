package io.matriarch.ha.api;

import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.WalPosition;
import io.matriarch.ha.model.WalSenderFacts;
import io.matriarch.ha.port.PostgresProbe;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What PostgreSQL itself said, by the last cycle or just now.
 *
 * @param wal empty when it did not answer
 */
public record PostgresNow(
        PostgresRole role,
        Optional<WalPosition> wal,
        List<WalSenderFacts> senders,
        int serverVersion,
        Optional<Instant> startedAt,
        Optional<Instant> replayedAt) {
    public PostgresNow {
        senders = List.copyOf(senders);
    }

    /** By the last cycle. */
    public static PostgresNow of(NodeStatus status) {
        var node = status.node();
        return new PostgresNow(
                node.role(),
                node.isRunning() ? node.wal() : Optional.empty(),
                node.senders(),
                status.serverVersion(),
                status.postgresStartedAt(),
                status.replayedAt());
    }

    static PostgresNow of(PostgresProbe.Facts facts) {
        return new PostgresNow(
                facts.role(),
                facts.answer() == PostgresProbe.Answer.ANSWERED ? facts.wal() : Optional.empty(),
                facts.senders(),
                facts.serverVersion(),
                facts.startedAt(),
                facts.replayedAt());
    }

    public boolean answered() {
        return wal.isPresent();
    }
}
