package io.matriarch.backup.wal;

import io.matriarch.ha.model.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one backup can be rolled forward to along one path of timelines, with the WAL that is in the repository.
 *
 * @param backup its label
 * @param path whose target is the {@code recovery_target_timeline}
 * @param from where the backup is consistent: the first position that can be reached
 * @param fromTime when it was
 * @param to the last position that can be reached
 * @param toTime when the WAL up to there was stored, by the manager's clock: commits in it are not younger. That of the backup where no WAL
 *     follows it
 * @param partial the end of the path's timeline where it ended inside of a segment: recovery needs it under the segment's own name
 * @param holes what lacks behind {@code to} although there is more: oldest first
 */
public record Reachable(
        String backup,
        TimelinePath path,
        Lsn from,
        Instant fromTime,
        Lsn to,
        Instant toTime,
        Optional<SegmentName> partial,
        List<Hole> holes) {

    public Reachable {
        holes = List.copyOf(holes);
    }

    /**
     * Segments that are not there.
     *
     * @param from the position of the first byte that lacks
     * @param to the position of the first byte behind them that is there
     */
    public record Hole(Lsn from, Lsn to, SegmentName first, SegmentName last, long segments) {
        @Override
        public String toString() {
            return segments + (segments == 1 ? " segment" : " segments") + " from " + from + " to " + to + " (" + first
                    + (segments == 1 ? "" : " to " + last) + ")";
        }
    }

    /** Whether a position can be reached. */
    public boolean reaches(Lsn lsn) {
        return lsn.isAtLeast(from) && to.isAtLeast(lsn);
    }
}
