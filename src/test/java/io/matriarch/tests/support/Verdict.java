package io.matriarch.tests.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the acknowledged rows prove about a stretch of time.
 *
 * <p>A <em>reign</em> is one member acknowledging on one timeline. Reigns must follow one another. A commit took
 * effect somewhere between
 * its sending and its acknowledgement; so two reigns are proven to overlap only where each has a commit that was sent
 * after the
 * other had acknowledged one. That errs on the side of the accused, by at most one commit's duration.
 *
 * @param acknowledged every acknowledged row
 * @param lost those of them that the final primary does not hold
 */
public record Verdict(List<Acknowledgement> acknowledged, List<Acknowledgement> lost) {

    /** Sorted by the time of the acknowledgement. */
    public Verdict {
        acknowledged = acknowledged.stream()
                .sorted(Comparator.comparingLong(Acknowledgement::acknowledgedAt))
                .toList();
        lost = List.copyOf(lost);
    }

    /** One member acknowledging on one timeline. */
    public record Reign(String member, String timeline, long firstAcknowledgedAt, long lastSentAt, int rows) {
        boolean overlaps(Reign other) {
            return lastSentAt > other.firstAcknowledgedAt && other.lastSentAt > firstAcknowledgedAt;
        }
    }

    /** Two reigns at the same time; the length is what is proven at least. */
    public record Overlap(Reign one, Reign other, Duration length) {}

    /** Judges rows against what the final primary holds. */
    public static Verdict of(List<Acknowledgement> acknowledged, Set<AckTable.Row> held) {
        List<Acknowledgement> lost = acknowledged.stream()
                .filter(a -> !held.contains(new AckTable.Row(a.writer(), a.seq())))
                .toList();
        return new Verdict(acknowledged, lost);
    }

    /** All reigns, in the order of their first acknowledgement. */
    public List<Reign> reigns() {
        Map<List<String>, List<Acknowledgement>> groups =
                acknowledged.stream().collect(Collectors.groupingBy(a -> List.of(a.member(), a.timeline())));
        return groups.entrySet().stream()
                .map(group -> reign(group.getKey(), group.getValue()))
                .sorted(Comparator.comparingLong(Reign::firstAcknowledgedAt))
                .toList();
    }

    private static Reign reign(List<String> key, List<Acknowledgement> rows) {
        long first =
                rows.stream().mapToLong(Acknowledgement::acknowledgedAt).min().orElseThrow();
        long last = rows.stream().mapToLong(Acknowledgement::sentAt).max().orElseThrow();
        return new Reign(key.get(0), key.get(1), first, last, rows.size());
    }

    /** Every proven overlap of two reigns. */
    public List<Overlap> overlaps() {
        List<Reign> reigns = reigns();
        List<Overlap> overlaps = new ArrayList<>();
        for (int i = 0; i < reigns.size(); i++) {
            for (int j = i + 1; j < reigns.size(); j++) {
                Reign one = reigns.get(i);
                Reign other = reigns.get(j);
                if (one.overlaps(other)) {
                    long from = Math.max(one.firstAcknowledgedAt(), other.firstAcknowledgedAt());
                    long to = Math.min(one.lastSentAt(), other.lastSentAt());
                    overlaps.add(new Overlap(one, other, Duration.ofNanos(Math.max(0, to - from))));
                }
            }
        }
        return overlaps;
    }

    /** The longest time in which nobody acknowledged anything, between the first and the last acknowledgement. */
    public Duration longestSilence() {
        long longest = 0;
        Optional<Acknowledgement> previous = Optional.empty();
        for (Acknowledgement current : acknowledged) {
            long before = previous.map(Acknowledgement::acknowledgedAt).orElse(current.acknowledgedAt());
            longest = Math.max(longest, current.acknowledgedAt() - before);
            previous = Optional.of(current);
        }
        return Duration.ofNanos(longest);
    }

    /** No acknowledged row is missing. */
    public Verdict assertNothingLost() {
        if (!lost.isEmpty()) {
            throw new AssertionError(lost.size() + " of " + acknowledged.size()
                    + " acknowledged rows are lost, by member and timeline: "
                    + lost.stream()
                            .collect(Collectors.groupingBy(a -> a.member() + "/" + a.timeline(), Collectors.counting()))
                    + "; " + summary());
        }
        return this;
    }

    /**
     * Asynchronous replication may lose what was acknowledged in the very last moment before a primary died without a
     * chance to hand
     * over; nothing older.
     */
    public Verdict assertOnlyTheTailLost(Duration tail) {
        for (Reign reign : reigns()) {
            List<Acknowledgement> older = lost.stream()
                    .filter(a ->
                            a.member().equals(reign.member()) && a.timeline().equals(reign.timeline()))
                    .filter(a -> a.acknowledgedAt() < reign.lastSentAt() - tail.toNanos())
                    .toList();
            if (!older.isEmpty()) {
                throw new AssertionError(older.size() + " lost rows of " + reign.member()
                        + " were acknowledged more than " + tail.toMillis() + " ms before its end; " + summary());
            }
        }
        return this;
    }

    /** At no time did two members acknowledge. */
    public Verdict assertNeverTwo() {
        if (!overlaps().isEmpty()) {
            throw new AssertionError("two members acknowledged at the same time: " + overlaps() + "; " + summary());
        }
        return this;
    }

    /** The longest silence is no longer than this. */
    public Verdict assertSilenceAtMost(Duration limit) {
        if (longestSilence().compareTo(limit) > 0) {
            throw new AssertionError("no write was acknowledged for "
                    + longestSilence().toMillis() + " ms, allowed are " + limit.toMillis() + " ms; " + summary());
        }
        return this;
    }

    /** One line for logs. */
    public String summary() {
        return acknowledged.size() + " rows acknowledged, " + lost.size() + " lost, longest silence "
                + longestSilence().toMillis() + " ms, reigns "
                + reigns().stream()
                        .map(r -> r.member() + "/" + Integer.parseInt(r.timeline(), 16) + ":" + r.rows())
                        .collect(Collectors.joining(" "));
    }
}
