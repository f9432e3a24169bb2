package io.matriarch.backup.stream;

import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.TimelinePath;
import io.matriarch.backup.wal.TimelinePath.Leg;
import io.matriarch.backup.wal.WalArchive;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Brings what was received into the repository. When a segment holds the end of timelines, their last, incomplete segments are stored with it:
 * the successor has their bytes up to the switch. What had come from the former leader itself is compared with that.
 */
record Settling(LocalWal local, WalArchive archive, TimelinePath path, SegmentSize size) {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    /** Of the file system: comes to the disk whole or not. */
    private static final int BLOCK = 4096;

    /** A whole segment: stores it, and what it settles. The local file is gone when this returns. */
    void store(SegmentName name, Path file) throws IOException {
        if (path.segment(size, size.number(name)).equals(name)) {
            for (var leg : path.legs()) {
                if (endsWithin(leg, size.number(name))) {
                    end(leg, name, file);
                }
            }
        }
        archive.put(name, file);
        Files.delete(file);
    }

    private boolean endsWithin(Leg leg, long number) {
        return leg.end()
                .filter(end -> size.number(end) == number && size.offset(end) > 0)
                .isPresent();
    }

    private void end(Leg leg, SegmentName successor, Path file) throws IOException {
        var end = leg.end().orElseThrow();
        var name = size.at(leg.timeline(), end);
        var received = local.partials().get(name);
        Path partial = local.folder().resolve(name + ".end");
        Files.copy(file, partial, StandardCopyOption.REPLACE_EXISTING);
        try (var bytes = new RandomAccessFile(partial.toFile(), "rw")) {
            bytes.setLength(size.offset(end));
            bytes.setLength(size.bytes());
        }
        if (received != null) {
            var differs = difference(received, file, size.offset(end));
            if (differs.isPresent()) {
                throw new IOException(
                        "what was received as " + name + " differs from " + successor + " in the block of byte "
                                + differs.get() + ", before timeline " + leg.timeline() + " ended at " + end
                                + ": two histories of one cluster. The first is kept in " + received);
            }
        }
        if (!archive.hasPartial(name)) {
            archive.putPartial(name, partial);
        }
        Files.delete(partial);
        if (received != null && Files.size(received) > size.offset(end)) {
            beyond(name, received);
        } else if (received != null) {
            Files.delete(received);
        }
    }

    /**
     * Where what was received is not what came, before {@code end}. A crash may have kept a part of a block from the disk, so zeros at the end of
     * one say nothing.
     */
    private static Optional<Integer> difference(Path received, Path came, int end) throws IOException {
        try (var one = Files.newInputStream(received);
                var other = Files.newInputStream(came)) {
            for (int at = 0; at < end; at += BLOCK) {
                byte[] ours = one.readNBytes(BLOCK);
                byte[] theirs = other.readNBytes(BLOCK);
                int known = Math.min(ours.length, end - at);
                while (known > 0 && ours[known - 1] == 0) {
                    known--;
                }
                if (!Arrays.equals(ours, 0, known, theirs, 0, Math.min(known, theirs.length))) {
                    return Optional.of(at);
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Puts aside what no longer belongs to any segment that will come.
     *
     * @param stored complete segments in the repository
     */
    void tidy(Set<SegmentName> stored) throws IOException {
        for (var partial : local.partials().entrySet()) {
            var name = partial.getKey();
            var leg = path.leg(name.timeline());
            if (leg.isEmpty()
                    || leg.get().end().filter(size.start(name)::isAtLeast).isPresent()) {
                beyond(name, partial.getValue());
            } else if (stored.contains(name)) {
                Files.delete(partial.getValue());
            }
        }
    }

    private void beyond(SegmentName name, Path file) throws IOException {
        var place = local.keepBeyond(name, file);
        LOG.warnf(
                "[wal-beyond-switch] %s was received from timeline %s behind the point at which the next leader took over: the"
                        + " cluster lost these bytes; they are kept in %s",
                name, name.timeline(), place);
    }
}
