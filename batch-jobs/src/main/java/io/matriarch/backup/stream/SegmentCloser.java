package io.matriarch.backup.stream;

import io.matriarch.backup.base.Source;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Ends a segment that holds a transaction and does not fill: only whole segments are stored. For one thread. */
final class SegmentCloser {
    private final SlotSteward slots;
    private final StreamProgress progress;
    private final Duration longest;
    private final Clock clock;
    private Instant since;
    private long stored = -1;
    private String transactions = "";

    SegmentCloser(SlotSteward slots, StreamProgress progress, Duration longest, Clock clock) {
        this.slots = slots;
        this.progress = progress;
        this.longest = longest;
        this.clock = clock;
        this.since = clock.instant();
    }

    void look(Source leader) throws IOException {
        var now = clock.instant();
        if (progress.stored() != stored) {
            stored = progress.stored();
            since = now;
        }
        if (Duration.between(since, now).compareTo(longest) < 0) {
            return;
        }
        since = now;
        var seen = slots.transactions(leader);
        // Without this an idle cluster would fill its repository with segments that hold but the marks of their own
        // end.
        if (!seen.equals(transactions)) {
            slots.endSegment(leader);
            transactions = seen;
        }
    }
}
