package io.matriarch.backup.restore;

import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.restore.RestorePlanner.End;
import io.matriarch.backup.restore.WalView.Reach;
import io.matriarch.backup.sandbox.Programs;
import io.matriarch.backup.sandbox.Room;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.TimelinePath;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.model.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The WAL in the repository that follows one backup, on the newest history that goes through it, for whoever replays it. It only reads the
 * repository. Every method blocks as long as that does.
 */
public final class WalBehind {
    private final BackupDescription backup;
    private final WalShelf shelf;
    private final Survey survey;
    private final Programs programs;
    private final SegmentSize size;
    private final TimelinePath path;
    private final Reach reach;
    private final long spare;

    /**
     * Finds it.
     *
     * @param directory an empty one, for what is fetched
     * @param spare bytes that stay free on its volume when WAL is fetched for a replay
     */
    public WalBehind(BackupDescription backup, Repository repository, Programs programs, Path directory, long spare)
            throws IOException {
        this.spare = spare;
        this.backup = backup;
        this.programs = programs;
        this.survey = new Survey(repository, programs, directory);
        var archive = new WalArchive(repository, backup.system());
        this.shelf = new WalShelf(directory, archive);
        var listing = archive.list();
        this.size = survey.size(archive, listing);
        var view = WalView.of(listing, archive.timelines(listing), size);
        this.path = view.timelines().stream()
                .map(view::path)
                .filter(p -> p.contains(backup.timeline(), backup.stop()))
                .max(Comparator.comparing(TimelinePath::target))
                .orElseGet(() -> view.path(backup.timeline()));
        this.reach = view.reach(path, backup.stop());
    }

    /** The last commit that can be reached without a hole; empty where none is known. */
    public Optional<Instant> lastCommit() throws IOException {
        return survey.end(path, reach, size, shelf).flatMap(End::lastCommit);
    }

    /** The first segment that is missing while later ones are there. */
    public Optional<String> hole() {
        return reach.hole() ? Optional.of(reach.missing().toString()) : Optional.empty();
    }

    /** What was fetched to look for the last commit, and the replay may not need. */
    private void forget() throws IOException {
        for (var needed : reach.segments()) {
            Files.deleteIfExists(shelf.directory().resolve(needed.name().toString()));
        }
    }

    /**
     * Fetches what a replay to that moment reads: all histories, and the segments up to the first that holds a later commit.
     *
     * @return the settings of which recovery must not have less than the WAL says, by their names
     * @throws IOException if a segment cannot be had: it is named; or if there is no room for it
     */
    public Map<String, Long> fetch(Instant moment) throws IOException {
        forget();
        shelf.fetchHistories();
        var largest = new TreeMap<String, Long>();
        var beyond = new AtomicBoolean();
        for (var needed : reach.segments()) {
            var name = needed.name();
            Room.mustBe(shelf.directory(), spare + size.bytes(), "fetching the WAL behind " + backup.label());
            try {
                shelf.fetch(needed);
            } catch (IOException e) {
                throw new IOException("the segment " + name + ": " + e.getMessage(), e);
            }
            var from = Lsn.max(backup.stop(), size.start(name));
            new WalDump(programs, shelf.directory())
                    .read(name.timeline(), from, Survey.until(path, needed, size), Optional.empty(), item -> {
                        item.parameters().forEach((key, value) -> largest.merge(key, value, Math::max));
                        item.ended().filter(at -> at.isAfter(moment)).ifPresent(at -> beyond.set(true));
                    });
            if (beyond.get()) {
                return largest;
            }
        }
        throw new IOException("no commit behind " + moment + " is in the WAL of the repository");
    }

    /** Recovery settings that replay what was fetched up to that moment, and pause there. */
    public String settings(Instant moment) {
        return """
                restore_command = 'cp "%s/%%f" "%%p"'
                recovery_target_timeline = '%s'
                recovery_target_time = '%s'
                recovery_target_inclusive = on
                recovery_target_action = 'pause'
                hot_standby = on
                lc_messages = 'C'
                """.formatted(shelf.directory(), path.target(), new RecoveryTarget.AtTime(moment).setting());
    }
}
