package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineSwitch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a timeline's WAL as they stand in {@code pg_wal}. A page is given only if its header is that page's own: a recycled
 * segment holds pages of an older address, a fresh one zeros, and neither may be taken for WAL. Not thread safe.
 */
final class WalPages implements AutoCloseable {
    private static final int CHUNK = 32 * WalReader.PAGE;
    private static final int SHORT_HEADER = 24;
    private static final int LONG_HEADER = 40;
    private static final int FIRST_IS_CONTINUATION = 1;
    private static final int LONG = 2;
    private static final int ALL_FLAGS = 15;
    private static final int FIRST_IS_OVERWRITTEN = 8;

    private final Path directory;
    private final int segmentBytes;
    private final Timeline timeline;
    private final List<TimelineSwitch> ancestors;
    private final long system;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.nativeOrder());
    private long chunkStart = -1;
    private int chunkBytes;
    private @Nullable FileChannel file;
    private long fileSegment = -1;
    private int fileTimeline;
    private int magic;
    private long newestPage = -1;
    private int newestTimeline;

    /** @param ancestors the timeline's history, oldest first: older segments stand under an ancestor's name */
    WalPages(
            Path directory,
            int segmentBytes,
            Timeline timeline,
            List<TimelineSwitch> ancestors,
            SystemIdentifier system) {
        this.directory = directory;
        this.segmentBytes = segmentBytes;
        this.timeline = timeline;
        this.ancestors = new ArrayList<>(ancestors).reversed();
        this.system = Long.parseUnsignedLong(system.value());
    }

    /**
     * A page with a header that was checked.
     *
     * @param base where it begins in the buffer
     * @param headerBytes 24, or 40 on the first of a segment
     * @param continuation it begins with the rest of a record
     * @param overwritten it begins anew after a record that was never finished
     * @param restBytes how much of that record is still to come, this page's part included
     * @param timelineOfFile under which timeline's name the segment stands
     */
    record Page(
            ByteBuffer buffer,
            int base,
            int headerBytes,
            boolean continuation,
            boolean overwritten,
            int restBytes,
            int timelineOfFile) {}

    /** The page that begins at {@code address}; empty when it is not there or is not that page. */
    Optional<Page> at(long address) throws IOException {
        if (!load(address)) {
            return Optional.empty();
        }
        int base = (int) (address - chunkStart);
        int info = chunk.getShort(base + 2);
        int pageTimeline = chunk.getInt(base + 4);
        boolean first = address % segmentBytes == 0;
        boolean valid = magicFits(chunk.getShort(base) & 0xFFFF)
                && (info & ~ALL_FLAGS) == 0
                && chunk.getLong(base + 8) == address
                && ((info & LONG) != 0) == first
                && (!first || longHeaderFits(base))
                && timelineFits(pageTimeline, address);
        if (!valid) {
            return Optional.empty();
        }
        if (Long.compareUnsigned(address, newestPage) > 0 || newestPage == -1) {
            newestPage = address;
            newestTimeline = pageTimeline;
        }
        return Optional.of(new Page(
                chunk,
                base,
                first ? LONG_HEADER : SHORT_HEADER,
                (info & FIRST_IS_CONTINUATION) != 0,
                (info & FIRST_IS_OVERWRITTEN) != 0,
                chunk.getInt(base + 16),
                fileTimeline));
    }

    /** Whether the file that holds {@code address} exists under the timeline's or an ancestor's name. */
    boolean hasSegmentOf(long address) {
        return segmentFile(Long.divideUnsigned(address, segmentBytes)).isPresent();
    }

    /** All pages carry one version's number; the first one seen sets it. */
    private boolean magicFits(int found) {
        if (magic == 0 && (found & 0xFF00) == 0xD100) {
            magic = found;
        }
        return found == magic && magic != 0;
    }

    private boolean longHeaderFits(int base) {
        return chunk.getLong(base + 24) == system
                && chunk.getInt(base + 32) == segmentBytes
                && chunk.getInt(base + 36) == WalReader.PAGE;
    }

    /** A page belongs to the timeline, or to an ancestor before it was left; going on, timelines never go back. */
    private boolean timelineFits(int found, long address) {
        if (newestPage != -1 && Long.compareUnsigned(address, newestPage) > 0 && found < newestTimeline) {
            return false;
        }
        if (found == timeline.id()) {
            return true;
        }
        return ancestors.stream()
                .anyMatch(a -> a.timeline().id() == found
                        && Long.compareUnsigned(address, a.switchPoint().bytes()) < 0);
    }

    private boolean load(long address) throws IOException {
        if (chunkStart >= 0 && address >= chunkStart && address + WalReader.PAGE <= chunkStart + chunkBytes) {
            return true;
        }
        long segment = Long.divideUnsigned(address, segmentBytes);
        if (!open(segment)) {
            return false;
        }
        long inFile = address % segmentBytes;
        chunk.clear();
        chunk.limit((int) Math.min(CHUNK, segmentBytes - inFile));
        chunkStart = -1;
        chunkBytes = 0;
        var open = file;
        while (open != null && chunk.hasRemaining()) {
            int n = open.read(chunk, inFile + chunkBytes);
            if (n < 0) {
                break;
            }
            chunkBytes += n;
        }
        chunkStart = address;
        chunk.clear();
        return chunkBytes >= WalReader.PAGE;
    }

    private boolean open(long segment) throws IOException {
        if (segment == fileSegment && file != null) {
            return true;
        }
        close();
        Optional<SegmentFile> found = segmentFile(segment);
        if (found.isEmpty()) {
            return false;
        }
        try {
            file = FileChannel.open(found.get().path(), StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            return false;
        }
        fileSegment = segment;
        fileTimeline = found.get().timeline();
        return true;
    }

    private Optional<SegmentFile> segmentFile(long segment) {
        Path own = directory.resolve(segmentName(timeline.id(), segment, segmentBytes));
        if (Files.exists(own)) {
            return Optional.of(new SegmentFile(own, timeline.id()));
        }
        for (TimelineSwitch ancestor : ancestors) {
            Path path = directory.resolve(segmentName(ancestor.timeline().id(), segment, segmentBytes));
            boolean before = Long.compareUnsigned(
                            segment * segmentBytes, ancestor.switchPoint().bytes())
                    < 0;
            if (before && Files.exists(path)) {
                return Optional.of(new SegmentFile(path, ancestor.timeline().id()));
            }
        }
        return Optional.empty();
    }

    private record SegmentFile(Path path, int timeline) {}

    static String segmentName(int timeline, long segment, int segmentBytes) {
        long perLog = 0x1_0000_0000L / segmentBytes;
        return String.format(
                "%08X%08X%08X",
                timeline, Long.divideUnsigned(segment, perLog), Long.remainderUnsigned(segment, perLog));
    }

    @Override
    public void close() throws IOException {
        fileSegment = -1;
        chunkStart = -1;
        var open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }
}
