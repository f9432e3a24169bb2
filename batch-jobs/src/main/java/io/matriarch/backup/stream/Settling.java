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
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Brings what was received into the repository. When a segment holds the end of timelines, their last, incomplete segments are stored with it:
 * the successor has their bytes up to the switch. What had come from the former leader itself is compared with that.
 */
record Settling(LocalWal local, WalArchive archive, TimelinePath path, SegmentSize size) {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

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
            long differs = Files.mismatch(received, file);
            if (differs >= 0 && differs < Math.min(size.offset(end), Files.size(received))) {
                throw new IOException(
                        "what was received as " + name + " differs from " + successor + " at byte " + differs
                                + ", before timeline " + leg.timeline() + " ended at " + end
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
