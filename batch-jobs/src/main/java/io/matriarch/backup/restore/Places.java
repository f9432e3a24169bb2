package io.matriarch.backup.restore;

import java.nio.file.Path;

/**
 * What a restore touches: the data directory, and beside it what belongs to it.
 *
 * @param data the data directory to be
 */
record Places(Path data) {
    /** Of a data directory whose copy is not whole yet. */
    static final String MARKER = "matriarch.restore";

    /** Everything of the restore besides the data: ledger, WAL, log, socket. */
    Path home() {
        return beside(".restore");
    }

    Path ledger() {
        return home().resolve("restore.json");
    }

    /** WAL out of the archive. */
    Path wal() {
        return home().resolve("wal");
    }

    /** Configuration files that lay outside of the data directory of the server. */
    Path configuration() {
        return home().resolve("configuration");
    }

    Path tablespaces() {
        return beside(".tablespaces");
    }

    Path marker() {
        return data.resolve(MARKER);
    }

    /** Where {@code path}, one of these, goes when it is set aside. */
    static Path aside(Path path, String stamp) {
        return path.resolveSibling(path.getFileName() + ".set-aside-" + stamp);
    }

    private Path beside(String ending) {
        return data.resolveSibling(data.getFileName() + ending);
    }
}
