package io.matriarch.backup.schedule;

import io.matriarch.backup.manager.Tenure;
import io.matriarch.ha.api.Coordination;
import io.matriarch.ha.api.Coordination.Licence;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.BackupPolicy.Job;
import io.matriarch.ha.model.Outcome;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The elected manager's copy of what was run when; the truth stands in etcd, where only the elected one may write. Each write carries the
 * fencing token. Used by one thread.
 */
final class RunLedger {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    private static final String SCHEDULES = "schedule/";
    /** So many slots of each job are remembered. */
    private static final int REMEMBERED = 50;

    private final Coordination etcd;
    private final Tenure tenure;
    private final Licence licence;
    private final Map<String, Run> runs = new HashMap<>();
    private final Map<Job, Since> since = new EnumMap<>(Job.class);

    private record Since(String cron, String zone, Instant at) {
        String json() {
            return Json.compact(Map.of("cron", cron, "zone", zone, "since", at.toString()));
        }
    }

    private RunLedger(Coordination etcd, Tenure tenure) {
        this.etcd = etcd;
        this.tenure = tenure;
        this.licence = tenure.licence();
    }

    /** Reads all of it, and ends what earlier tenures left open: whoever ran it does not run it any more. */
    static RunLedger open(Coordination etcd, Tenure tenure, Instant now) throws IOException {
        var ledger = new RunLedger(etcd, tenure);
        for (var entry : etcd.list(Run.FOLDER)) {
            Run.of(entry.name(), entry.value()).ifPresent(run -> ledger.runs.put(run.key(), run));
        }
        for (var entry : etcd.list(SCHEDULES)) {
            ledger.read(entry.name(), entry.value());
        }
        for (var run : List.copyOf(ledger.runs.values())) {
            if (run.ending().isEmpty()) {
                var how = new Run.Ending(
                        now,
                        Run.Ending.INTERRUPTED,
                        run.manager() + " went down or lost the lock in the middle (attempt " + run.attempt() + ")");
                LOG.warnf("[run-interrupted] %s of %s: %s", run.job().batchJob(), run.slot(), how.outcome());
                ledger.write(run.ended(how));
            }
        }
        return ledger;
    }

    private void read(String name, String json) {
        for (Job job : Job.values()) {
            if (name.equals(SCHEDULES + job.batchJob())) {
                Json.tryParseObject(json).ifPresent(in -> {
                    try {
                        since.put(
                                job,
                                new Since(
                                        in.string("cron").orElse(""),
                                        in.string("zone").orElse(""),
                                        Instant.parse(in.string("since").orElse(""))));
                    } catch (DateTimeException e) {
                        // Written anew when the schedule is looked at.
                        since.remove(job);
                    }
                });
            }
        }
    }

    /** Since when this schedule is in force; a changed one begins now. */
    Instant since(Job job, CronSchedule schedule, Instant now) throws IOException {
        var known = Optional.ofNullable(since.get(job));
        if (known.isPresent()
                && known.get().cron().equals(schedule.cron())
                && known.get().zone().equals(schedule.zone().getId())) {
            return known.get().at();
        }
        var fresh = new Since(schedule.cron(), schedule.zone().getId(), now);
        require(etcd.put(SCHEDULES + job.batchJob(), fresh.json(), licence));
        since.put(job, fresh);
        return now;
    }

    List<Run> of(Job job) {
        return runs.values().stream()
                .filter(run -> run.job() == job)
                .sorted(Comparator.comparing(Run::slot))
                .toList();
    }

    Collection<Run> open() {
        return runs.values().stream().filter(run -> run.ending().isEmpty()).toList();
    }

    /** Takes a slot. Empty when it is taken already, or this manager is no longer the elected one: then nothing may be started. */
    Optional<Run> take(Job job, SlotPlanner.Due due) throws IOException {
        var run = due.again()
                .map(before -> before.again(tenure.manager(), tenure.token()))
                .orElseGet(() -> new Run(
                        job, due.slot(), tenure.manager(), tenure.token(), 1, Optional.empty(), Optional.empty()));
        var outcome = due.again().isPresent()
                ? etcd.put(run.key(), run.json(), licence)
                : etcd.create(run.key(), run.json(), licence);
        if (!outcome.isDone() && !isOurs(run)) {
            // Remembered, so that the slot is not tried with each turn.
            runs.putIfAbsent(run.key(), run.ended(new Run.Ending(due.slot(), "TAKEN", outcome.toString())));
            return Optional.empty();
        }
        runs.put(run.key(), run);
        forgetOldest(job);
        return Optional.of(run);
    }

    /** The answer to an earlier try may have been lost though it took effect. */
    private boolean isOurs(Run run) throws IOException {
        return etcd.get(run.key())
                .flatMap(e -> Run.of(e.name(), e.value()))
                .filter(run::equals)
                .isPresent();
    }

    /** Writes that a run was started. It is remembered also when etcd does not answer: it would be run twice otherwise. */
    void started(Run run) throws IOException {
        runs.put(run.key(), run);
        require(etcd.put(run.key(), run.json(), licence));
    }

    /** Writes what became of a run. */
    void write(Run run) throws IOException {
        require(etcd.put(run.key(), run.json(), licence));
        runs.put(run.key(), run);
    }

    private void forgetOldest(Job job) throws IOException {
        var all = of(job);
        for (var run : all.subList(0, Math.max(0, all.size() - REMEMBERED))) {
            require(etcd.delete(run.key(), licence));
            runs.remove(run.key());
        }
    }

    private static void require(Outcome outcome) throws IOException {
        if (!outcome.isDone()) {
            throw new IOException("the lock of the managers is held by another one now: " + outcome);
        }
    }
}
