package io.matriarch.ha.simulation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What clients were told is committed, by branch of the write-ahead log. */
final class Ledger {
    private final SimWorld world;
    private final Map<Long, Branch> acknowledged = new LinkedHashMap<>();
    private Optional<Wal> reign = Optional.empty();
    private String reigning = "";
    private long rows;
    private long lastAcknowledgedAt = -1;
    private String lastAcknowledgedBy = "";

    Ledger(SimWorld world) {
        this.world = world;
    }

    private static final class Branch {
        private final long start;
        private long end;

        private Branch(long start, long end) {
            this.start = start;
            this.end = end;
        }
    }

    /** What one promotion took back from clients. */
    record Loss(long bytes, long shortfall) {}

    long rows() {
        return rows;
    }

    /** Whether a commit of that branch was ever acknowledged. */
    boolean knows(long branch) {
        return acknowledged.containsKey(branch);
    }

    long lastAcknowledgedAt() {
        return lastAcknowledgedAt;
    }

    String lastAcknowledgedBy() {
        return lastAcknowledgedBy;
    }

    void acknowledged(String host, Wal wal, long to) {
        reign.ifPresent(r -> world.check(
                startsWith(wal.pieces(), r.pieces()),
                () -> host + " acknowledges on " + wal.timeline() + " though " + reigning + " was promoted to "
                        + r.timeline()));
        if (reign.isEmpty()) {
            reign = Optional.of(wal);
            reigning = host;
        }
        var last = wal.last();
        var branch = acknowledged.computeIfAbsent(last.branch(), b -> new Branch(last.start(), last.start()));
        branch.end = Math.max(branch.end, to);
        rows++;
        lastAcknowledgedAt = world.scheduler().now();
        lastAcknowledgedBy = host;
    }

    private static boolean startsWith(List<Wal.Piece> all, List<Wal.Piece> beginning) {
        return all.size() >= beginning.size()
                && all.subList(0, beginning.size()).equals(beginning);
    }

    /**
     * A member begins a new timeline: everything that its log does not hold is lost from here on.
     *
     * @param optime the position of the leader that candidates were judged by
     */
    Loss promoted(String host, Wal wal, long optime) {
        long bytes = 0;
        long shortfall = 0;
        for (var entry : acknowledged.entrySet()) {
            var branch = entry.getValue();
            long covered = Math.max(wal.coverage(entry.getKey()), branch.start);
            if (branch.end > covered) {
                bytes += branch.end - covered;
                shortfall = Math.max(shortfall, Math.min(branch.end, optime) - covered);
                branch.end = covered;
            }
        }
        reign = Optional.of(wal);
        reigning = host;
        return new Loss(bytes, shortfall);
    }
}
