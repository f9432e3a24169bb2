package io.matriarch.backup.base;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a server knows of the blocks that changed: without summaries of all WAL since a backup nothing can build on that. Pure.
 *
 * @param on whether {@code summarize_wal} is on
 * @param spans of the WAL that is summarized, in any order
 */
record Summaries(boolean on, List<Span> spans) {
    private static final Comparator<Span> IN_ORDER =
            Comparator.comparing(Span::start).thenComparing(Span::timeline);

    /** A piece of WAL: from {@code start} up to, not including, {@code end}. */
    record Span(Timeline timeline, Lsn start, Lsn end) {}

    Summaries {
        spans = List.copyOf(spans);
    }

    /** Of a server that knows no summaries. */
    static Summaries none() {
        return new Summaries(false, List.of());
    }

    /**
     * What lacks between a backup and the newest summary; empty if nothing does. WAL behind the newest summary is summarized when a copy asks
     * for it.
     *
     * @param timeline of the backup
     * @param start where the backup's replay begins
     */
    Optional<String> lacking(Timeline timeline, Lsn start) {
        var covered = start;
        var on = timeline;
        for (var span : spans.stream().sorted(IN_ORDER).toList()) {
            boolean follows = span.timeline().compareTo(on) >= 0 && covered.isAtLeast(span.start());
            if (follows && span.end().isAfter(covered)) {
                covered = span.end();
                on = span.timeline();
            }
        }
        var reached = covered;
        return spans.stream()
                .map(Span::end)
                .filter(end -> end.isAfter(reached))
                .max(Comparator.naturalOrder())
                .map(newest -> "the WAL summaries of " + reached + " to " + newest + " are not all there"
                        + " (the server keeps them for wal_summary_keep_time)");
    }
}
