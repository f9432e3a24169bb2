package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineClaim;
import io.matriarch.ha.model.WalPosition;
import java.util.Optional;
import java.util.stream.Stream;

/** No timeline number is begun twice, and none that is lower than one before. */
final class TimelineRule {
    private TimelineRule() {}

    /** The number for a promotion now: above our own, the cluster's, and everything that was ever claimed. */
    static Timeline next(Cycle c) {
        int highest = Stream.of(
                        Optional.of(SwitchoverPolicy.ownTimeline(c)),
                        c.cluster().timeline(),
                        c.cluster().timelineClaim().map(TimelineClaim::timeline))
                .flatMap(Optional::stream)
                .mapToInt(Timeline::id)
                .max()
                .orElse(1);
        return new Timeline(highest + 1);
    }

    static Action claim(Cycle c, Timeline timeline) {
        return new Action.ClaimTimeline(
                timeline,
                c.cluster().timelineClaim().map(TimelineClaim::modRevision).orElse(new Revision(0)));
    }

    /** A primary whose timeline was begun without a claim (by another agent, by hand, before an emptied DCS) claims it afterwards. */
    static Optional<Action> overdueClaim(Cycle c, WalPosition wal) {
        int claimed = c.cluster().timelineClaim().map(t -> t.timeline().id()).orElse(1);
        return wal.timeline().id() > claimed ? Optional.of(claim(c, wal.timeline())) : Optional.empty();
    }
}
