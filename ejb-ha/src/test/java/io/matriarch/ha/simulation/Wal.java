package io.matriarch.ha.simulation;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineSwitch;
import java.util.List;

/**
 * Write-ahead log as the bytes that it is made of: a chain of branches. Two primaries that both call their timeline 2 write two
 * branches; PostgreSQL sees only the number, the checker sees the branch.
 *
 * @param pieces oldest first; each begins where the one before it was left
 * @param end the last flushed byte
 */
record Wal(List<Piece> pieces, long end) {
    Wal {
        pieces = List.copyOf(pieces);
    }

    record Piece(int timeline, long branch, long start) {}

    static Wal first(long branch, long start) {
        return new Wal(List.of(new Piece(1, branch, start)), start);
    }

    Piece last() {
        return pieces.get(pieces.size() - 1);
    }

    Timeline timeline() {
        return new Timeline(last().timeline());
    }

    Wal grownBy(long bytes) {
        return new Wal(pieces, end + bytes);
    }

    /** Begins {@code next} at the end, or the first after our own. */
    Wal promoted(long branch, Timeline next) {
        var all = new java.util.ArrayList<>(pieces);
        all.add(new Piece(Math.max(last().timeline() + 1, next.id()), branch, end));
        return new Wal(all, end);
    }

    /** The beginning of this log up to {@code to}. */
    Wal upTo(long to) {
        var kept = pieces.stream()
                .filter(p -> p == pieces.get(0) || p.start() < to)
                .toList();
        return new Wal(kept, Math.min(end, to));
    }

    /** Where a branch ends in this log; -1 when it holds nothing of it. */
    long coverage(long branch) {
        for (int i = 0; i < pieces.size(); i++) {
            if (pieces.get(i).branch() == branch) {
                return i + 1 < pieces.size() ? pieces.get(i + 1).start() : end;
            }
        }
        return -1;
    }

    /** Up to where both logs hold the same bytes. */
    long commonEnd(Wal other) {
        int n = Math.min(pieces.size(), other.pieces.size());
        long common = 0;
        for (int i = 0; i < n && pieces.get(i).equals(other.pieces.get(i)); i++) {
            common = Math.min(pieceEnd(i), other.pieceEnd(i));
        }
        return common;
    }

    private long pieceEnd(int i) {
        return i + 1 < pieces.size() ? pieces.get(i + 1).start() : end;
    }

    /** The timeline history file of the last timeline. */
    List<TimelineSwitch> history() {
        var out = new java.util.ArrayList<TimelineSwitch>();
        for (int i = 0; i + 1 < pieces.size(); i++) {
            out.add(new TimelineSwitch(
                    new Timeline(pieces.get(i).timeline()),
                    new Lsn(pieces.get(i + 1).start()),
                    "no recovery target specified"));
        }
        return out;
    }

    /** PostgreSQL's own judgement, by timeline numbers alone: may a standby with this log stream from {@code upstream}? */
    boolean mayStreamFrom(Wal upstream) {
        int mine = last().timeline();
        int theirs = upstream.last().timeline();
        if (mine > theirs) {
            return false;
        }
        if (mine == theirs) {
            return end <= upstream.end;
        }
        for (int i = 0; i + 1 < upstream.pieces.size(); i++) {
            if (upstream.pieces.get(i).timeline() == mine) {
                return end <= upstream.pieces.get(i + 1).start();
            }
        }
        return false;
    }
}
