package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Reads WAL records one after the other as PostgreSQL's own recovery does, without their meaning: lengths, links, checksums and page
 * headers, until the first thing that is not a record. What PostgreSQL would replay is exactly what is found here. Not thread safe.
 */
final class WalReader {
    static final int PAGE = 8192;
    private static final int RECORD_HEADER = 24;
    private static final int CHECKSUM_AT = 20;
    private static final long LONGEST_RECORD = 1L << 30;
    private static final int SWITCH_INFO = 0x40;
    private static final int KEPT = 64;
    private static final int RECORDS_PER_CLOCK_LOOK = 256;

    private final WalPages pages;
    private final int segmentBytes;
    private final long deadlineNanos;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer header = ByteBuffer.allocate(RECORD_HEADER).order(ByteOrder.nativeOrder());

    /** @param deadlineNanos by {@code System.nanoTime()}; reading stops without a result then */
    WalReader(WalPages pages, int segmentBytes, long deadlineNanos) {
        this.pages = pages;
        this.segmentBytes = segmentBytes;
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * What was read.
     *
     * @param first the first record
     * @param last the last valid record
     * @param lastBytes its total length
     * @param end where it ends, aligned: the end of valid WAL
     * @param torn an unfinished record begins at {@code end}: up to here its pages are valid
     * @param tail the last records in ascending order, {@code last} among them, all in files of {@code tailTimeline}
     */
    record Scan(Lsn first, Lsn last, long lastBytes, Lsn end, Optional<Lsn> torn, List<Lsn> tail, int tailTimeline) {}

    /**
     * Reads from the first record on the page of {@code start}, or on a later one when a record runs over it, to the end.
     *
     * @return empty when no record was found, or time ran out
     */
    Optional<Scan> scan(Lsn start) throws IOException {
        Optional<Long> found = firstRecord(start.bytes() & -PAGE);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        long at = found.get();
        long first = -1;
        Entry previous = new Entry(-1, 0, at, 0);
        var tail = new ArrayDeque<Long>();
        for (int count = 1; ; count++) {
            Step step = next(previous.end(), previous.at());
            if (step.entry().isEmpty()) {
                return first == -1 ? Optional.empty() : Optional.of(result(first, previous, step, tail));
            }
            Entry entry = step.entry().get();
            if (entry.fileTimeline() != previous.fileTimeline()) {
                tail.clear();
            }
            if (tail.size() == KEPT) {
                tail.removeFirst();
            }
            tail.addLast(entry.at());
            first = first == -1 ? entry.at() : first;
            previous = entry;
            if (count % RECORDS_PER_CLOCK_LOOK == 0 && System.nanoTime() - deadlineNanos > 0) {
                return Optional.empty();
            }
        }
    }

    private static Scan result(long first, Entry last, Step broken, ArrayDeque<Long> tail) {
        return new Scan(
                new Lsn(first),
                new Lsn(last.at()),
                last.bytes(),
                new Lsn(last.end()),
                broken.tornAt().map(Lsn::new),
                tail.stream().map(Lsn::new).toList(),
                last.fileTimeline());
    }

    private record Entry(long at, long bytes, long end, int fileTimeline) {}

    /** A record, or none; then perhaps a page boundary before which an unfinished record stands. */
    private record Step(Optional<Entry> entry, Optional<Long> tornAt) {
        static final Step NONE = new Step(Optional.empty(), Optional.empty());
    }

    private Optional<Long> firstRecord(long pageStart) throws IOException {
        long address = pageStart;
        while (System.nanoTime() - deadlineNanos < 0) {
            var page = pages.at(address);
            if (page.isEmpty()) {
                return Optional.empty();
            }
            var p = page.get();
            if (!p.continuation()) {
                return Optional.of(address + p.headerBytes());
            }
            long rest = aligned(p.restBytes());
            if (rest < PAGE - p.headerBytes()) {
                return Optional.of(address + p.headerBytes() + rest);
            }
            address += PAGE;
        }
        return Optional.empty();
    }

    /** The record that begins at {@code from}, where {@code before} began the one before; -1 = not known. */
    private Step next(long from, long before) throws IOException {
        long at = from;
        while (true) {
            long pageStart = at & -PAGE;
            var found = pages.at(pageStart);
            if (found.isEmpty()) {
                return Step.NONE;
            }
            var page = found.get();
            if (at == pageStart) {
                at += page.headerBytes();
            }
            boolean atFirst = at == pageStart + page.headerBytes();
            if (at < pageStart + page.headerBytes() || (atFirst && page.continuation())) {
                return Step.NONE;
            }
            int offset = page.base() + (int) (at - pageStart);
            long length = Integer.toUnsignedLong(page.buffer().getInt(offset));
            if (length < RECORD_HEADER || length > LONGEST_RECORD) {
                return Step.NONE;
            }
            Piece piece = read(page, pageStart, offset, length);
            if (piece.overwrittenAt().isPresent()) {
                // Recovery gave up on this record once before and wrote on from that page.
                at = piece.overwrittenAt().get();
                continue;
            }
            if (piece.end().isEmpty()) {
                return new Step(Optional.empty(), piece.tornAt());
            }
            return verified(at, before, length, piece.end().get(), page.timelineOfFile());
        }
    }

    private Step verified(long at, long before, long length, long end, int fileTimeline) {
        long link = header.getLong(8);
        boolean linked = before == -1 ? Long.compareUnsigned(link, at) < 0 : link == before;
        crc.update(header.array(), 0, CHECKSUM_AT);
        if (!linked || (int) crc.getValue() != header.getInt(CHECKSUM_AT)) {
            return Step.NONE;
        }
        boolean isSwitch = header.get(17) == 0 && (header.get(16) & 0xF0) == SWITCH_INFO;
        // After a switch the rest of the segment is padding.
        long next = isSwitch ? (end + segmentBytes - 1) / segmentBytes * segmentBytes : end;
        return new Step(Optional.of(new Entry(at, length, next, fileTimeline)), Optional.empty());
    }

    private record Piece(Optional<Long> end, Optional<Long> overwrittenAt, Optional<Long> tornAt) {}

    /** Collects the header and sums the rest over as many pages as the record takes. */
    private Piece read(WalPages.Page first, long firstPage, int firstOffset, long length) throws IOException {
        header.clear();
        crc.reset();
        var page = first;
        long pageStart = firstPage;
        int offset = firstOffset;
        long left = length;
        while (true) {
            int take = (int) Math.min(left, page.base() + PAGE - offset);
            take(page.buffer(), offset, take);
            left -= take;
            if (left == 0) {
                long inPage = offset - page.base() + take;
                return new Piece(Optional.of(pageStart + aligned(inPage)), Optional.empty(), Optional.empty());
            }
            pageStart += PAGE;
            var following = pages.at(pageStart);
            if (following.filter(WalPages.Page::overwritten).isPresent()) {
                return new Piece(Optional.empty(), Optional.of(pageStart), Optional.empty());
            }
            if (following.isEmpty()
                    || !following.get().continuation()
                    || Integer.toUnsignedLong(following.get().restBytes()) != left) {
                return new Piece(Optional.empty(), Optional.empty(), Optional.of(pageStart));
            }
            page = following.get();
            offset = page.base() + page.headerBytes();
        }
    }

    private void take(ByteBuffer buffer, int offset, int count) {
        int intoHeader = Math.min(count, header.remaining());
        header.put(buffer.array(), offset, intoHeader);
        crc.update(buffer.array(), offset + intoHeader, count - intoHeader);
    }

    private static long aligned(long bytes) {
        return (bytes + 7) & ~7L;
    }
}
