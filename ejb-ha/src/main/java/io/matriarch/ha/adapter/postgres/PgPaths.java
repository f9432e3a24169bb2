package io.matriarch.ha.adapter.postgres;

import java.nio.file.Path;

/**
 * Where the local PostgreSQL's files are.
 *
 * @param dataDir PGDATA, absolute
 * @param mainFile the generated {@code postgresql.conf}
 */
public record PgPaths(Path dataDir, Path mainFile) {
    Path wal() {
        return dataDir.resolve("pg_wal");
    }

    Path control() {
        return dataDir.resolve("global").resolve("pg_control");
    }

    Path postmasterPid() {
        return dataDir.resolve("postmaster.pid");
    }

    Path standbySignal() {
        return dataDir.resolve("standby.signal");
    }

    Path recoverySignal() {
        return dataDir.resolve("recovery.signal");
    }
}
