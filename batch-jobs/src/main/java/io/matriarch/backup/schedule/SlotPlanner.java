package io.matriarch.backup.schedule;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Which slot of a schedule is due. Pure. */
final class SlotPlanner {
    private SlotPlanner() {}

    /**
     * What is due.
     *
     * @param slot that is to be taken
     * @param again the run that was broken off, if the slot is to be tried once more
     */
    record Due(Instant slot, Optional<Run> again) {}

    /**
     * The slot to take now. Of several that were missed the last one stands for all: one catch-up run. A slot that was taken is never
     * taken again, also when the clock went back, unless its manager went down in the middle and nothing newer was taken.
     *
     * @param since when the schedule came into force: what lies before was not missed
     * @param runs of this job, in any order
     */
    static Optional<Due> due(CronSchedule schedule, Instant since, Collection<Run> runs, Instant now) {
        if (runs.stream().anyMatch(run -> run.ending().isEmpty())) {
            return Optional.empty();
        }
        var newest = runs.stream().max(Comparator.comparing(Run::slot));
        var after = runs.stream()
                .map(Run::slot)
                .filter(slot -> !slot.isAfter(now))
                .max(Comparator.naturalOrder())
                .filter(slot -> slot.isAfter(since))
                .orElse(since);
        var slot = schedule.lastIn(after.isAfter(now) ? now : after, now)
                .filter(s -> runs.stream().noneMatch(run -> run.slot().equals(s)));
        return slot.map(s -> new Due(s, Optional.empty()))
                .or(() -> newest.filter(run -> run.wasInterrupted() && run.attempt() < Run.MOST_ATTEMPTS)
                        .map(run -> new Due(run.slot(), Optional.of(run))));
    }
}
