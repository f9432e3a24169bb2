package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineHistory;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Timeline numbers that a promotion must pass over. PostgreSQL begins the first number for which it finds no history file
 * ({@code findNewestTimeLine} in its timeline.c), whatever the file says; so a file of nothing but a comment reserves a number. A primary
 * keeps such files, for its replicas ask it for the history of each number between theirs and its own. A replica must not: the number
 * may turn out to be the leader's, and a file that is there is not fetched again.
 */
final class ReservedTimelines {
    private static final String MARK =
            "# reserved: a promotion that this server did not follow claimed this timeline\n";

    private final Path dataDir;

    ReservedTimelines(Path dataDir) {
        this.dataDir = dataDir;
    }

    /** Makes PostgreSQL begin {@code next}, or a later one that is free, at its next promotion. */
    void reserveBelow(Timeline next) throws PostgresException {
        try {
            // Recovery may be on a later one already; the history of that one is there.
            int own = ControlFile.read(dataDir.resolve("global").resolve("pg_control"))
                    .control()
                    .map(control -> control.facts().timeline().id())
                    .orElse(1);
            for (int id = own + 1; id < next.id(); id++) {
                Path file = history(id);
                if (!Files.exists(file)) {
                    DurableFiles.write(file, MARK);
                }
            }
        } catch (IOException e) {
            throw new PostgresException("could not reserve the timelines below " + next + " in " + dataDir, e);
        }
    }

    /** Deletes what was reserved. */
    void release() throws PostgresException {
        try (var files = Files.newDirectoryStream(dataDir.resolve("pg_wal"), "*.history")) {
            for (Path file : files) {
                // PostgreSQL's own may hold a name in any encoding.
                if (Files.readString(file, StandardCharsets.ISO_8859_1).equals(MARK)) {
                    DurableFiles.delete(file);
                }
            }
        } catch (IOException e) {
            throw new PostgresException("could not release reserved timelines in " + dataDir, e);
        }
    }

    private Path history(int id) {
        return dataDir.resolve("pg_wal").resolve(TimelineHistory.fileName(new Timeline(id)));
    }
}
