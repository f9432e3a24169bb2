package io.matriarch.backup.repository;

import io.matriarch.backup.repository.ObjectStore.Found;
import io.matriarch.backup.repository.ObjectStore.Part;
import io.matriarch.backup.repository.ObjectStore.Upload;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A repository in an object store, which has no folders that could be moved into place. A folder is filled on this machine, then uploaded
 * while an object {@code uploading/<folder>} stands; what is below a folder with such a mark is not shown. Deleting the mark makes all of it
 * appear at once; an upload that broke off stays hidden until {@link #forgetPartials} removes it.
 */
public final class ObjectRepository implements Repository {
    /** Where the marks are. */
    public static final String UPLOADING = "uploading/";

    /** Goes last: who reads the store without us takes a folder for a backup when it has this. */
    private static final String LAST = "backup.json";

    private static final int PARTS_OF_A_FILE = 9_000;
    private static final long FIRST_PAUSE_MS = 500;

    private final ObjectStore store;
    private final String prefix;
    private final Path work;
    private final Clock clock;

    /**
     * @param prefix of all keys, with its slash; may be empty
     * @param work where folders are filled before they are uploaded
     */
    public ObjectRepository(ObjectStore store, String prefix, Path work, Clock clock) {
        this.store = store;
        this.prefix = prefix;
        this.work = work;
        this.clock = clock;
    }

    @Override
    public Entry create(String name, Content content) throws IOException {
        String key = key(name);
        requireFree(name);
        String writer = UUID.randomUUID().toString();
        try (var out = new PartsOutput(store, key, writer)) {
            content.writeTo(out);
            make(name, writer, out::complete);
            return new Entry(name, out.bytes(), clock.instant());
        }
    }

    /** Earlier than at the end of an upload, and where a store overlooks the condition. */
    private void requireFree(String name) throws IOException {
        if (store.stat(key(name)).isPresent()) {
            throw taken(name);
        }
    }

    private FileAlreadyExistsException taken(String name) {
        return new FileAlreadyExistsException(name, null, "there is one in " + store.where());
    }

    @FunctionalInterface
    private interface Making {
        void make() throws IOException;
    }

    /** An answer that was lost is asked for again: an object that carries our mark is ours, whatever the last try was told. */
    private void make(String name, String writer, Making making) throws IOException {
        try {
            making.make();
        } catch (StoreException e) {
            var there = statAfter(e, name);
            if (there.filter(stat -> stat.writer().equals(writer)).isPresent()) {
                return;
            }
            if (e.kind() == StoreException.Kind.TAKEN
                    || e.kind() == StoreException.Kind.CONFLICT && there.isPresent()) {
                throw taken(name);
            }
            throw e;
        }
    }

    private Optional<ObjectStore.Stat> statAfter(StoreException failure, String name) {
        try {
            return store.stat(key(name));
        } catch (StoreException e) {
            failure.addSuppressed(e);
            return Optional.empty();
        }
    }

    @Override
    public List<Entry> createAll(String folder, Filling filling) throws IOException {
        ObjectName.checked(folder);
        requireEmpty(folder);
        Path staging = Staging.create(work);
        try {
            filling.fill(staging);
            return upload(folder, Staging.files(staging), filling);
        } finally {
            Staging.delete(staging);
        }
    }

    private void requireEmpty(String folder) throws IOException {
        requireFree(UPLOADING + folder);
        if (!stored(folder + "/").isEmpty()) {
            throw taken(folder);
        }
    }

    private List<Entry> upload(String folder, List<Path> files, Filling filling) throws IOException {
        String mark = UPLOADING + folder;
        String writer = UUID.randomUUID().toString();
        requireFree(mark);
        make(mark, writer, () -> store.put(key(mark), new Part.Memory(new byte[0], 0), writer));
        var uploaded = new ArrayList<String>();
        try {
            if (!stored(folder + "/").isEmpty()) {
                throw taken(folder);
            }
            for (Path file : lastOneLast(files)) {
                String name = ObjectName.checked(folder + "/" + file.getFileName());
                uploaded.add(name);
                make(name, writer, () -> put(key(name), file, writer));
            }
            requireWhole(folder, files, mark, writer);
            filling.publishing();
        } catch (IOException | RuntimeException e) {
            removeAgain(uploaded, mark, e);
            throw e;
        }
        // When this fails nobody knows whether the mark is still there; both are whole: a backup, or leftovers for
        // forgetPartials.
        store.delete(key(mark));
        return list(folder + "/");
    }

    private static List<Path> lastOneLast(List<Path> files) {
        return files.stream()
                .sorted(Comparator.comparing(
                                (Path f) -> String.valueOf(f.getFileName()).startsWith(LAST))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private void put(String key, Path file, String writer) throws IOException {
        long size = Files.size(file);
        if (size <= ObjectStore.PART_BYTES) {
            store.put(key, new Part.Range(file, 0, size), writer);
            return;
        }
        long part = Math.max(ObjectStore.PART_BYTES, Math.ceilDiv(size, PARTS_OF_A_FILE));
        Upload upload = store.upload(key, writer);
        boolean committed = false;
        try {
            for (long at = 0; at < size; at += part) {
                upload.part(new Part.Range(file, at, Math.min(part, size - at)));
            }
            upload.commit();
            committed = true;
        } finally {
            if (!committed) {
                upload.abort();
            }
        }
    }

    /** What another manager took for leftovers and deleted meanwhile must not count. */
    private void requireWhole(String folder, List<Path> files, String mark, String writer) throws IOException {
        var mine = store.stat(key(mark)).filter(stat -> stat.writer().equals(writer));
        var there = stored(folder + "/");
        if (mine.isEmpty() || there.size() != files.size()) {
            throw new IOException(
                    "somebody removed parts of " + folder + " from " + store.where() + " while it was uploaded");
        }
        for (Path file : files) {
            String name = folder + "/" + file.getFileName();
            long bytes = Files.size(file);
            if (there.stream().noneMatch(entry -> entry.name().equals(name) && entry.bytes() == bytes)) {
                throw new IOException(name + " in " + store.where() + " has another size than the " + bytes
                        + " bytes that were sent");
            }
        }
    }

    /** The mark goes last, and stays when anything else had to. */
    private void removeAgain(List<String> names, String mark, Exception why) {
        try {
            for (String name : names) {
                store.delete(key(name));
            }
            store.delete(key(mark));
        } catch (StoreException e) {
            why.addSuppressed(e);
        }
    }

    @Override
    public Optional<InputStream> open(String name) throws IOException {
        String key = key(name);
        return store.get(key, 0, Optional.empty()).map(opened -> new ResumingInput(store, key, opened, FIRST_PAUSE_MS));
    }

    /** The marks are read before and after: an upload may begin or end while we look. */
    @Override
    public List<Entry> list(String namePrefix) throws IOException {
        var hidden = new HashSet<>(marks().keySet());
        var all = stored(namePrefix);
        hidden.addAll(marks().keySet());
        return all.stream()
                .filter(entry -> !entry.name().startsWith(UPLOADING) && !isHidden(entry.name(), hidden))
                .toList();
    }

    private static boolean isHidden(String name, Set<String> folders) {
        for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
            if (folders.contains(name.substring(0, slash))) {
                return true;
            }
        }
        return false;
    }

    /** Folders that are being uploaded, or were when it broke off, with the time at which that began. */
    private Map<String, Instant> marks() throws IOException {
        var marks = new TreeMap<String, Instant>();
        store.list(
                prefix + UPLOADING, found -> marks.put(name(found).substring(UPLOADING.length()), found.modifiedAt()));
        return marks;
    }

    private List<Entry> stored(String namePrefix) throws IOException {
        var entries = new ArrayList<Entry>();
        store.list(
                prefix + namePrefix, found -> entries.add(new Entry(name(found), found.bytes(), found.modifiedAt())));
        entries.sort(Comparator.comparing(Entry::name));
        return List.copyOf(entries);
    }

    private String name(Found found) {
        return found.key().substring(prefix.length());
    }

    private String key(String name) {
        return prefix + ObjectName.checked(name);
    }

    @Override
    public void delete(String name) throws IOException {
        store.delete(key(name));
    }

    @Override
    public Optional<Long> freeBytes() {
        return Optional.empty();
    }

    @Override
    public int forgetPartials(Duration age, Instant now) throws IOException {
        Instant before = now.minus(Staging.patience(age));
        int forgotten = store.forgetUploads(prefix, before) + Staging.forget(work, age, now);
        for (var mark : marks().entrySet()) {
            var parts = stored(mark.getKey() + "/");
            if (mark.getValue().isAfter(before)
                    || parts.stream().anyMatch(p -> p.modifiedAt().isAfter(before))) {
                continue;
            }
            for (Entry part : parts) {
                store.delete(prefix + part.name());
            }
            store.delete(key(UPLOADING + mark.getKey()));
            forgotten++;
        }
        return forgotten;
    }

    /** Nobody waits for room in a store; what is half uploaded there goes by its age. */
    @Override
    public int forgetUnfinished(String parent) {
        return 0;
    }
}
