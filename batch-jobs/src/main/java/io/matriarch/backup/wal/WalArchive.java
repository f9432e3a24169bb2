package io.matriarch.backup.wal;

import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.repository.Repository.Entry;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineHistory;
import io.matriarch.ha.model.TimelineSwitch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The WAL of one system in a repository. It alone knows the layout: {@code wal/<system>/<timeline>/<segment>.zst} for complete segments,
 * {@code .partial.zst} for the last one of a timeline that ended inside of it, {@code wal/<system>/history/<timeline>.history} as PostgreSQL
 * wrote them. Nothing of it is ever overwritten. Every method blocks as long as the repository does. Thread safe.
 */
public final class WalArchive {
    private static final String ROOT = "wal/";
    private static final String HISTORY = "history/";
    private static final String COMPLETE = ".zst";
    private static final String PARTIAL = ".partial.zst";
    /** For one segment, also of 1 GB on a slow store. */
    private static final Zstd ZSTD = new Zstd(Duration.ofMinutes(15));

    private final Repository repository;
    private final SystemIdentifier system;

    public WalArchive(Repository repository, SystemIdentifier system) {
        this.repository = repository;
        this.system = system;
    }

    /** A segment in the repository. */
    public record Stored(long storedBytes, Instant storedAt) {}

    /**
     * What is there.
     *
     * @param segments complete ones, by timeline and position
     * @param partials ends of timelines
     * @param histories timelines whose history file is there
     * @param unknown names of objects that do not belong there
     */
    public record Listing(
            SequencedMap<SegmentName, Stored> segments,
            SequencedMap<SegmentName, Stored> partials,
            List<Timeline> histories,
            List<String> unknown) {

        public Listing {
            segments = Collections.unmodifiableSequencedMap(new TreeMap<>(segments));
            partials = Collections.unmodifiableSequencedMap(new TreeMap<>(partials));
            histories = List.copyOf(histories);
            unknown = List.copyOf(unknown);
        }
    }

    /** What a write found. */
    public enum Put {
        /** It is there now. */
        STORED,
        /** It was there, with the same content. */
        WAS_THERE
    }

    /** The systems of which a repository holds WAL. */
    public static Set<SystemIdentifier> systems(Repository repository) throws IOException {
        var systems = new LinkedHashSet<SystemIdentifier>();
        for (var entry : repository.list(ROOT)) {
            var name = entry.name().substring(ROOT.length()).replaceFirst("/.*", "");
            if (SystemIdentifier.isValid(name)) {
                systems.add(new SystemIdentifier(name));
            }
        }
        return systems;
    }

    public SystemIdentifier system() {
        return system;
    }

    /** All of it. */
    public Listing list() throws IOException {
        var segments = new TreeMap<SegmentName, Stored>();
        var partials = new TreeMap<SegmentName, Stored>();
        var histories = new ArrayList<Timeline>();
        var unknown = new ArrayList<String>();
        for (var entry : repository.list(folder())) {
            var path = entry.name().substring(folder().length());
            var history = path.startsWith(HISTORY)
                    ? TimelineHistory.ofFileName(path.substring(HISTORY.length()))
                    : Optional.<Timeline>empty();
            var partial = segment(path, PARTIAL);
            var complete = segment(path, COMPLETE);
            if (history.isPresent()) {
                histories.add(history.get());
            } else if (partial.isPresent()) {
                partials.put(partial.get(), stored(entry));
            } else if (complete.isPresent()) {
                segments.put(complete.get(), stored(entry));
            } else {
                unknown.add(entry.name());
            }
        }
        return new Listing(segments, partials, histories, unknown);
    }

    private static Stored stored(Entry entry) {
        return new Stored(entry.bytes(), entry.modifiedAt());
    }

    private static Optional<SegmentName> segment(String path, String ending) {
        int slash = path.indexOf('/');
        if (slash < 0 || !path.endsWith(ending)) {
            return Optional.empty();
        }
        return SegmentName.of(path.substring(slash + 1, path.length() - ending.length()))
                .filter(name -> path.equals(path(name, ending)));
    }

    /**
     * Stores a complete segment. When this returns it is durable.
     *
     * @param file it holds the whole segment, uncompressed; it stays as it is
     * @throws IOException if it could not be stored, is not what its name says, or another content is there under this name: that one stays
     */
    public Put put(SegmentName name, Path file) throws IOException {
        return put(name, file, COMPLETE);
    }

    /** Stores the last segment of a timeline that ended inside of it: as long as a whole one, with zeros behind the end. */
    public Put putPartial(SegmentName name, Path file) throws IOException {
        return put(name, file, PARTIAL);
    }

    private Put put(SegmentName name, Path file, String ending) throws IOException {
        checkIdentity(name, file);
        try {
            repository.create(object(name, ending), out -> ZSTD.compress(file, out));
            return Put.STORED;
        } catch (FileAlreadyExistsException e) {
            requireSame(name, file, ending);
            return Put.WAS_THERE;
        }
    }

    /** A file under a wrong name would be found out by nothing but a restore. */
    private void checkIdentity(SegmentName name, Path file) throws IOException {
        var header = SegmentHeader.read(file);
        long bytes = Files.size(file);
        if (!header.system().equals(system)
                || header.size().bytes() != bytes
                || !header.size().fits(name)
                || !header.size().start(name).equals(header.start())) {
            throw new IOException(file + " is not the segment " + name + " of system " + system + ": it begins at "
                    + header.start() + " of system " + header.system() + ", has " + bytes
                    + " bytes where a segment has "
                    + header.size().bytes());
        }
    }

    private void requireSame(SegmentName name, Path file, String ending) throws IOException {
        Path stored = Files.createTempFile(parent(file), name.toString(), ".stored");
        try {
            extract(name, stored, ending);
            long differs = Files.mismatch(file, stored);
            if (differs >= 0) {
                throw new IOException("the repository holds " + object(name, ending) + " with another content than "
                        + file + ", from byte " + differs
                        + " on: two servers wrote the same segment. Nothing was overwritten");
            }
        } finally {
            Files.deleteIfExists(stored);
        }
    }

    private static Path parent(Path file) throws IOException {
        var parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException(file + " has no folder");
        }
        return parent;
    }

    /**
     * Writes a complete segment, uncompressed, to a local file.
     *
     * @return whether there is one of that name; without one nothing was written
     * @throws IOException if it cannot be read or written: then the file may hold a part of it
     */
    public boolean extract(SegmentName name, Path to) throws IOException {
        return extract(name, to, COMPLETE);
    }

    /** The same for the end of a timeline. */
    public boolean extractPartial(SegmentName name, Path to) throws IOException {
        return extract(name, to, PARTIAL);
    }

    /** Whether the end of a timeline is there. */
    public boolean hasPartial(SegmentName name) throws IOException {
        var object = repository.open(object(name, PARTIAL));
        if (object.isPresent()) {
            object.get().close();
        }
        return object.isPresent();
    }

    private boolean extract(SegmentName name, Path to, String ending) throws IOException {
        var object = repository.open(object(name, ending));
        if (object.isEmpty()) {
            return false;
        }
        try (InputStream in = object.get()) {
            ZSTD.decompress(in, to);
            return true;
        } catch (IOException e) {
            throw new IOException("reading " + object(name, ending) + " into " + to + ": " + e.getMessage(), e);
        }
    }

    /**
     * Extracts a segment and checks that it is what its name says.
     *
     * @return its size; empty when there is none of that name
     * @throws IOException if it cannot be read, or is something else
     */
    public Optional<SegmentSize> check(SegmentName name, Path work) throws IOException {
        Path file = Files.createTempFile(work, name.toString(), ".check");
        try {
            if (!extract(name, file)) {
                return Optional.empty();
            }
            checkIdentity(name, file);
            return Optional.of(SegmentHeader.read(file).size());
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /**
     * Deletes the segments that lie wholly before a position, on every timeline; history files never, and never the newest segment, by which
     * the stream finds its place.
     *
     * @param needed where the replay of the oldest backup that stays begins
     * @param work directory for one segment
     * @return how many were deleted
     */
    public int expire(Lsn needed, Path work) throws IOException {
        var listing = list();
        var all = new TreeSet<SegmentName>(Comparator.comparingLong(SegmentName::log)
                .thenComparingLong(SegmentName::segment)
                .thenComparing(SegmentName::timeline));
        all.addAll(listing.segments().keySet());
        if (all.isEmpty()) {
            return 0;
        }
        var size = check(all.last(), work);
        if (size.isEmpty()) {
            throw new IOException(
                    object(all.last(), COMPLETE) + " vanished while it was looked at: nothing was deleted");
        }
        if (!check(all.first(), work).equals(size)) {
            throw new IOException("segments of system " + system
                    + " have different sizes, so that it is not certain which of them lie before " + needed
                    + ": none was deleted");
        }
        int deleted = 0;
        for (var name : all.headSet(all.last())) {
            deleted += expire(name, COMPLETE, needed, size.get());
        }
        for (var name : listing.partials().keySet()) {
            deleted += expire(name, PARTIAL, needed, size.get());
        }
        return deleted;
    }

    private int expire(SegmentName name, String ending, Lsn needed, SegmentSize size) throws IOException {
        if (!size.fits(name) || size.end(name).compareTo(needed) > 0) {
            return 0;
        }
        repository.delete(object(name, ending));
        return 1;
    }

    /**
     * Stores the history file of a timeline as PostgreSQL wrote it.
     *
     * @throws IOException if it could not be stored, is no history, or another one is there: that one stays
     */
    public Put putHistory(Timeline timeline, String content) throws IOException {
        parse(timeline, content);
        try {
            repository.create(object(timeline), out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
            return Put.STORED;
        } catch (FileAlreadyExistsException e) {
            var there = history(timeline);
            if (there.filter(content::equals).isEmpty()) {
                throw new IOException(
                        "the repository holds " + object(timeline) + " with another content than the one that came: \""
                                + there.orElse("").strip() + "\" and \"" + content.strip()
                                + "\": a timeline number was used twice. Nothing was overwritten",
                        e);
            }
            return Put.WAS_THERE;
        }
    }

    /** The history file of a timeline; empty when there is none. */
    public Optional<String> history(Timeline timeline) throws IOException {
        var object = repository.open(object(timeline));
        if (object.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = object.get()) {
            return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /**
     * What all history files say together.
     *
     * @throws IOException if one cannot be read, or two contradict each other
     */
    public TimelineTree timelines() throws IOException {
        return timelines(list());
    }

    /** The same, of a listing that is there already. */
    public TimelineTree timelines(Listing listing) throws IOException {
        Map<Timeline, List<TimelineSwitch>> histories = new HashMap<>();
        for (var timeline : listing.histories()) {
            var content = history(timeline);
            if (content.isPresent()) {
                histories.put(timeline, parse(timeline, content.get()));
            }
        }
        try {
            return TimelineTree.of(histories);
        } catch (IllegalArgumentException e) {
            throw new IOException("the history files of system " + system + ": " + e.getMessage(), e);
        }
    }

    private static List<TimelineSwitch> parse(Timeline timeline, String content) throws IOException {
        try {
            var switches = TimelineHistory.parse(content);
            if (switches.isEmpty() || switches.getLast().timeline().compareTo(timeline) >= 0) {
                throw new IllegalArgumentException("it names no timeline below its own");
            }
            return switches;
        } catch (IllegalArgumentException e) {
            throw new IOException("not the history of timeline " + timeline + ": " + e.getMessage(), e);
        }
    }

    private String folder() {
        return ROOT + system + "/";
    }

    private static String path(SegmentName name, String ending) {
        return String.format("%08X/%s%s", name.timeline().id(), name, ending);
    }

    private String object(SegmentName name, String ending) {
        return folder() + path(name, ending);
    }

    private String object(Timeline timeline) {
        return folder() + HISTORY + TimelineHistory.fileName(timeline);
    }
}
