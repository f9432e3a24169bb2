package io.matriarch.backup.stream;

import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * WAL on its way into the repository, in a local folder: {@code <segment>.partial} while it is received, {@code <segment>} from its last byte
 * until it is in the repository, and below {@code beyond} what no history holds any more: received from a leader behind the point at which
 * the next one took over.
 */
record LocalWal(Path folder) {
    private static final String PARTIAL = ".partial";
    private static final String BEYOND = "beyond";

    /** Makes the folder if it is not there. */
    static LocalWal at(Path folder) throws IOException {
        Files.createDirectories(folder);
        return new LocalWal(folder);
    }

    /** The segment to receive. */
    SegmentFile open(SegmentName name, SegmentSize size) throws IOException {
        return SegmentFile.open(name, size, folder.resolve(name + PARTIAL));
    }

    /** Segments that were received whole and are not yet known to be in the repository. */
    Map<SegmentName, Path> complete() throws IOException {
        return files(SegmentName::of);
    }

    /** Segments of which a part was received. */
    Map<SegmentName, Path> partials() throws IOException {
        return files(name -> name.endsWith(PARTIAL)
                ? SegmentName.of(name.substring(0, name.length() - PARTIAL.length()))
                : Optional.empty());
    }

    private Map<SegmentName, Path> files(Function<String, Optional<SegmentName>> reading) throws IOException {
        var found = new TreeMap<SegmentName, Path>();
        try (var files = Files.list(folder)) {
            files.filter(Files::isRegularFile)
                    .forEach(file ->
                            reading.apply(String.valueOf(file.getFileName())).ifPresent(name -> found.put(name, file)));
        }
        return found;
    }

    /** The received file is whole and durable: from now on it has the segment's own name. */
    Path completed(SegmentFile file) throws IOException {
        file.sync();
        file.close();
        Path whole = folder.resolve(file.name().toString());
        Files.move(file.path(), whole, StandardCopyOption.ATOMIC_MOVE);
        sync(folder);
        return whole;
    }

    /** Keeps aside what belongs to no history: people may want to look for transactions in it. */
    Path keepBeyond(SegmentName name, Path file) throws IOException {
        Path beyond = Files.createDirectories(folder.resolve(BEYOND));
        Path place = beyond.resolve(String.valueOf(file.getFileName()));
        Files.move(file, place, StandardCopyOption.REPLACE_EXISTING);
        sync(beyond);
        return place;
    }

    private static void sync(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
