package io.matriarch.backup.restore;

import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.restore.RecoveryTarget.AtName;
import io.matriarch.backup.restore.RecoveryTarget.AtXid;
import io.matriarch.backup.restore.RecoveryTarget.Immediate;
import io.matriarch.backup.restore.RestorePlanner.Draft;
import io.matriarch.backup.restore.RestorePlanner.End;
import io.matriarch.backup.restore.RestorePlanner.Outcome;
import io.matriarch.backup.restore.WalView.Needed;
import io.matriarch.backup.restore.WalView.Reach;
import io.matriarch.backup.sandbox.Programs;
import io.matriarch.backup.sandbox.Room;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.TimelinePath;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Looks into the repository for what can be restored, and plans. Every method blocks as long as the repository does. */
final class Survey {
    private static final Duration QUESTION = Duration.ofMinutes(1);
    private static final Pattern VERSION = Pattern.compile("\\) ([0-9]+)");
    /** So far back the last commit is sought; with a heartbeat it is in the last segment. */
    private static final int MOST_SEGMENTS_BACK = 16;

    private final Repository repository;
    private final Programs programs;
    private final Path work;

    /** @param work a directory for what is fetched for a look */
    Survey(Repository repository, Programs programs, Path work) {
        this.repository = repository;
        this.programs = programs;
        this.work = work;
    }

    /** A range of moments, and what the last of its WAL says; empty where there is none besides the backup's own. */
    record Reachable(Range range, Optional<End> end) {}

    /** All that can be reached. */
    List<Reachable> reachable() throws IOException {
        var known = look();
        var all = new ArrayList<Reachable>();
        for (var range : known.planner().ranges()) {
            all.add(inScratch(new WalArchive(repository, range.system()), shelf -> {
                var end = end(range.path(), range.reach(), known.size(range.system()), shelf);
                return new Reachable(range, end);
            }));
        }
        return all;
    }

    /** A plan that leaves nothing behind. */
    Outcome plan(RestoreRequest request) throws IOException {
        return plan(request, Optional.empty(), doing -> {});
    }

    /**
     * Plans.
     *
     * @param place where fetched WAL may stay for the restore; empty to leave nothing behind
     */
    Outcome plan(RestoreRequest request, Optional<Path> place, Consumer<String> progress) throws IOException {
        progress.accept("looking for what can be restored");
        var known = look();
        var drafts = known.planner().drafts(request);
        if (drafts.refusal().isPresent()) {
            return new Outcome(Optional.empty(), drafts.refusal());
        }
        var system = drafts.drafts().getFirst().backup().system();
        var archive = new WalArchive(repository, system);
        Work<Outcome> planning = shelf -> settle(request, known, drafts.drafts(), shelf, progress);
        if (place.isPresent()) {
            return planning.on(new WalShelf(place.get(), archive));
        }
        return inScratch(archive, planning);
    }

    private Outcome settle(
            RestoreRequest request, Known known, List<Draft> drafts, WalShelf shelf, Consumer<String> progress)
            throws IOException {
        Optional<Outcome> refused = Optional.empty();
        for (var draft : drafts) {
            var size = known.size(draft.backup().system());
            boolean found = false;
            Optional<End> end = Optional.empty();
            if (RestorePlanner.isSoughtInWal(request.target())) {
                progress.accept("looking for " + request.target().words() + " behind "
                        + draft.backup().label());
                found = isFound(request.target(), draft, size, shelf);
            } else if (!(request.target() instanceof Immediate)) {
                end = end(draft.path(), draft.reach(), size, shelf);
            }
            var outcome = known.planner().settle(draft, request, end, found);
            if (outcome.plan().isPresent()) {
                return outcome;
            }
            refused = refused.isPresent() ? refused : Optional.of(outcome);
        }
        return refused.orElseThrow(() -> new IllegalStateException("neither a draft nor a refusal"));
    }

    private record Known(RestorePlanner planner, Map<SystemIdentifier, WalView> views) {
        SegmentSize size(SystemIdentifier system) {
            return views.getOrDefault(system, WalView.empty()).size();
        }
    }

    private Known look() throws IOException {
        var entries = new Catalogue(repository).list().entries();
        var views = new HashMap<SystemIdentifier, WalView>();
        for (Entry entry : entries) {
            var system = entry.description().system();
            if (!views.containsKey(system)) {
                var archive = new WalArchive(repository, system);
                var listing = archive.list();
                views.put(system, WalView.of(listing, archive.timelines(listing), size(archive, listing)));
            }
        }
        return new Known(new RestorePlanner(entries, views, majorVersion()), views);
    }

    /** Of the archive's segments; the default where there are none. */
    SegmentSize size(WalArchive archive, WalArchive.Listing listing) throws IOException {
        if (listing.segments().isEmpty()) {
            return SegmentSize.DEFAULT;
        }
        Files.createDirectories(work);
        return archive.check(listing.segments().lastEntry().getKey(), work).orElse(SegmentSize.DEFAULT);
    }

    private int majorVersion() throws IOException {
        var said = programs.postgres("postgres", List.of("--version"), Path.of("/"), QUESTION)
                .must()
                .output();
        var m = VERSION.matcher(said);
        if (!m.find()) {
            throw new IOException("postgres --version says \"" + said.strip() + "\", which names no version");
        }
        return Integer.parseInt(m.group(1));
    }

    @FunctionalInterface
    private interface Work<T> {
        T on(WalShelf shelf) throws IOException;
    }

    private <T> T inScratch(WalArchive archive, Work<T> looking) throws IOException {
        Files.createDirectories(work);
        Path scratch = Files.createTempDirectory(work, "look-");
        try {
            return looking.on(new WalShelf(scratch, archive));
        } finally {
            remove(scratch);
        }
    }

    private static void remove(Path scratch) throws IOException {
        try (Stream<Path> files = Files.walk(scratch)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** From the last segment backwards, until one holds the end of a transaction. */
    Optional<End> end(TimelinePath path, Reach reach, SegmentSize size, WalShelf shelf) throws IOException {
        var seen = new Seen();
        var backwards = reach.segments().reversed();
        for (Needed needed : backwards.subList(0, Math.min(MOST_SEGMENTS_BACK, backwards.size()))) {
            fetch(needed, size, shelf);
            var name = needed.name();
            new WalDump(programs, shelf.directory())
                    .read(name.timeline(), size.start(name), until(path, needed, size), Optional.empty(), seen::record);
            if (seen.lastCommit.isPresent()) {
                break;
            }
        }
        return seen.lastRecord.map(at -> new End(at, seen.lastCommit));
    }

    private static final class Seen {
        private Optional<Lsn> lastRecord = Optional.empty();
        private Optional<Instant> lastCommit = Optional.empty();

        void record(WalDump.Item item) {
            lastRecord = Optional.of(lastRecord.map(l -> Lsn.max(l, item.at())).orElse(item.at()));
            item.ended()
                    .ifPresent(
                            at -> lastCommit = lastCommit.filter(at::isBefore).or(() -> Optional.of(at)));
        }
    }

    /** What a timeline holds behind the point where it was left belongs to nobody. */
    static Lsn until(TimelinePath path, Needed needed, SegmentSize size) {
        var end = size.end(needed.name());
        return path.leg(needed.name().timeline())
                .flatMap(TimelinePath.Leg::end)
                .filter(left -> end.isAfter(left))
                .orElse(end);
    }

    private boolean isFound(RecoveryTarget target, Draft draft, SegmentSize size, WalShelf shelf) throws IOException {
        var found = new AtomicBoolean();
        var kind = target instanceof AtName ? "XLOG" : "Transaction";
        for (Needed needed : draft.reach().segments()) {
            fetch(needed, size, shelf);
        }
        var dump = new WalDump(programs, shelf.directory());
        dump.readAll(draft.reach().segments(), size, needed -> until(draft.path(), needed, size), kind, item -> {
            boolean isIt = isIt(target, item);
            if (isIt && item.at().isAtLeast(draft.backup().stop())) {
                found.set(true);
            }
        });
        return found.get();
    }

    /** What is fetched for a look alone must not fill a disk on which a database may live. */
    private static void fetch(Needed needed, SegmentSize size, WalShelf shelf) throws IOException {
        Room.mustBe(shelf.directory(), Room.forServer(size.bytes()), "looking into the WAL segment " + needed.name());
        shelf.fetch(needed);
    }

    private static boolean isIt(RecoveryTarget target, WalDump.Item item) {
        return switch (target) {
            case AtName at -> item.isRestorePoint(at.name());
            case AtXid at -> item.xid() == at.xid() && item.ended().isPresent();
            default -> false;
        };
    }
}
