package io.matriarch.web.patroni;

import io.matriarch.backup.ManagerBoard;
import io.matriarch.backup.WalBoard;
import java.time.Duration;
import java.time.Instant;

/** What a manager adds to {@code GET /metrics}; nothing on a machine that is none. */
final class ManagerMetrics {
    private ManagerMetrics() {}

    static String render(ManagerBoard board, WalBoard wal, Instant now) {
        var status = board.status();
        if (status.self().isEmpty()) {
            return "";
        }
        var out = new StringBuilder();
        head(out, "matriarch_manager_elected", "Value is 1 if this manager is the elected one, 0 otherwise.");
        out.append("matriarch_manager_elected ").append(status.here() ? 1 : 0).append('\n');
        if (!status.here()) {
            return out.toString();
        }
        head(
                out,
                "matriarch_promise_kept",
                "Value is 1 while the promise is kept, 0 when it is broken or nobody knows.");
        for (var promise : board.promises()) {
            out.append("matriarch_promise_kept{promise=\"")
                    .append(promise.name())
                    .append("\"} ")
                    .append(promise.state() == ManagerBoard.Promise.State.KEPT ? 1 : 0)
                    .append('\n');
        }
        wal.status().completeAt().ifPresent(at -> {
            head(
                    out,
                    "matriarch_wal_rpo_seconds",
                    "How old the newest commit is of which all WAL is in the repository.");
            out.append("matriarch_wal_rpo_seconds ")
                    .append(Math.max(0, Duration.between(at, now).toSeconds()))
                    .append('\n');
        });
        return out.toString();
    }

    private static void head(StringBuilder out, String name, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(" gauge\n");
    }
}
