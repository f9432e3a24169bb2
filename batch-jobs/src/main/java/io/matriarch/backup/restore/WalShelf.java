package io.matriarch.backup.restore;

import io.matriarch.backup.restore.WalView.Needed;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.model.TimelineHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** WAL out of the archive in a local directory, under the names that recovery asks for. What is there is not fetched again. */
final class WalShelf {
    private static final String UNFINISHED = ".fetching";

    private final Path directory;
    private final WalArchive archive;

    WalShelf(Path directory, WalArchive archive) {
        this.directory = directory;
        this.archive = archive;
    }

    Path directory() {
        return directory;
    }

    /**
     * Fetches a segment, also the part of one, which recovery then finds under the name of the whole.
     *
     * @throws IOException if it cannot be read, or is no longer there
     */
    void fetch(Needed needed) throws IOException {
        Path file = directory.resolve(needed.name().toString());
        if (Files.exists(file)) {
            return;
        }
        Path unfinished = directory.resolve(needed.name() + UNFINISHED);
        boolean there = needed.partial()
                ? archive.extractPartial(needed.name(), unfinished)
                : archive.extract(needed.name(), unfinished);
        if (!there) {
            throw new IOException("the WAL segment " + needed.name() + " is no longer in the repository");
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Fetches every history: recovery must see all numbers that are taken, or the next timeline gets one of them. */
    void fetchHistories() throws IOException {
        for (var timeline : archive.list().histories()) {
            var text = archive.history(timeline);
            if (text.isPresent()) {
                Path file = directory.resolve(TimelineHistory.fileName(timeline));
                Path unfinished = directory.resolve(TimelineHistory.fileName(timeline) + UNFINISHED);
                Files.writeString(unfinished, text.get());
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
