package io.matriarch.backup.schedule;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.Job;
import io.matriarch.backup.JobAnswer;
import io.matriarch.backup.JobRun;
import io.matriarch.backup.ManagerBoard;
import io.matriarch.backup.ManagerBoard.Elected;
import io.matriarch.backup.ManagerBoard.ManagerStatus;
import io.matriarch.backup.ManagerBoard.Promise;
import io.matriarch.backup.ManagerBoard.ScheduleLine;
import io.matriarch.backup.manager.Duty;
import io.matriarch.backup.manager.Election;
import io.matriarch.backup.manager.Tenure;
import io.matriarch.backup.manager.Tenures;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.Coordination;
import io.matriarch.ha.model.BackupPolicy;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * What a manager does turn by turn: stands for election, and as the elected one starts what is due and writes what became of it. One thread
 * calls it.
 */
final class ManagerLoop {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final int SHOWN_SLOTS = 5;

    private final BackupFacts.Self self;
    private final BackupFacts cluster;
    private final Coordination etcd;
    private final BackupJobs jobs;
    private final Tenures tenures;
    private final List<Duty> duties;
    private final ManagerBoard board;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Election election;
    private final Set<String> told = new HashSet<>();
    private Optional<RunLedger> ledger = Optional.empty();
    private volatile Optional<BackupPolicy> policy = Optional.empty();
    private List<String> problems = List.of();
    private long lookAt;
    private volatile long turnedAt;
    private boolean etcdAnswers = true;

    ManagerLoop(
            BackupFacts.Self self,
            BackupFacts cluster,
            Coordination etcd,
            BackupJobs jobs,
            Tenures tenures,
            List<Duty> duties,
            ManagerBoard board,
            Clock clock,
            LongSupplier nanoTime) {
        this.self = self;
        this.cluster = cluster;
        this.etcd = etcd;
        this.jobs = jobs;
        this.tenures = tenures;
        this.duties = List.copyOf(duties);
        this.board = board;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.turnedAt = nanoTime.getAsLong();
        this.lookAt = nanoTime.getAsLong();
        this.election = new Election(etcd, self.name(), self.url(), nanoTime);
    }

    /** One turn. Blocks for a few answers of etcd at most. */
    void turn() {
        try {
            // One that could log in nowhere would, elected, keep the lock from one that can.
            if (cluster.settings().isPresent()) {
                elect();
            }
            etcdAnswers(true, "");
        } catch (IOException e) {
            etcdAnswers(false, String.valueOf(e.getMessage()));
        } finally {
            show();
        }
        turnedAt = nanoTime.getAsLong();
    }

    /** How long ago a turn ended that no unexpected error broke off. Any thread may ask. */
    Duration sinceTurn() {
        return Duration.ofNanos(nanoTime.getAsLong() - turnedAt);
    }

    private void elect() throws IOException {
        switch (election.turn()) {
            case ELECTED -> begin(election.tenure().orElseThrow());
            case LOST -> end("another manager may be elected from now on");
            case NONE -> {}
        }
        if (tenures.current().isPresent()) {
            work();
        }
    }

    private void etcdAnswers(boolean answers, String why) {
        if (answers != etcdAnswers) {
            etcdAnswers = answers;
            if (answers) {
                LOG.info("[manager-connected] etcd answers again");
            } else {
                LOG.warnf("[manager-waits] %s", why);
            }
        }
    }

    private void begin(Tenure tenure) throws IOException {
        LOG.infof("[manager-elected] %s is the elected manager (token %d)", self.name(), tenure.token());
        ledger = Optional.empty();
        tenures.begin(tenure);
        for (var duty : duties) {
            try {
                duty.begin(tenure);
            } catch (RuntimeException e) {
                LOG.errorf(
                        e, "[duty-failed] %s could not begin", duty.getClass().getSimpleName());
            }
        }
    }

    private void end(String why) {
        LOG.warnf("[manager-steps-back] %s is no longer the elected manager: %s", self.name(), why);
        ledger = Optional.empty();
        tenures.end();
        duties.forEach(Duty::end);
        jobs.stopAll();
        board.showNone();
    }

    private void work() throws IOException {
        var tenure = tenures.current().orElseThrow();
        if (!tenure.isHeld()) {
            return;
        }
        if (ledger.isEmpty()) {
            ledger = Optional.of(RunLedger.open(etcd, tenure, clock.instant()));
        }
        followUp(ledger.get());
        if (nanoTime.getAsLong() - lookAt < 0) {
            return;
        }
        lookAt = nanoTime.getAsLong() + LOOK.toNanos();
        var read = cluster.policy();
        policy = Optional.of(read.policy());
        problems = read.problems();
        read.problems().stream()
                .filter(told::add)
                .forEach(problem -> LOG.warnf("[backup-config] %s; what held below it holds", problem));
        for (var job : BackupPolicy.Job.values()) {
            start(job, read.policy(), ledger.get());
        }
    }

    /** Writes the ends of what was started. */
    private void followUp(RunLedger runs) throws IOException {
        for (var run : runs.open()) {
            var execution = run.execution().isEmpty()
                    ? Optional.<JobRun>empty()
                    : jobs.details(run.execution().get()).map(JobRun.Details::run);
            if (execution.filter(e -> !e.state().ended()).isPresent()) {
                continue;
            }
            runs.write(run.ended(execution
                    .map(e -> new Run.Ending(
                            e.ended().orElseGet(clock::instant),
                            e.state().name(),
                            e.outcome().orElse("")))
                    .orElseGet(() -> new Run.Ending(
                            clock.instant(), Run.Ending.INTERRUPTED, "this server knows no such execution"))));
        }
    }

    private void start(BackupPolicy.Job job, BackupPolicy wanted, RunLedger runs) throws IOException {
        var schedule = schedule(job, wanted);
        var batchJob = Job.of(job.batchJob());
        if (schedule.isEmpty() || batchJob.isEmpty()) {
            return;
        }
        var now = clock.instant();
        var due = SlotPlanner.due(schedule.get(), runs.since(job, schedule.get(), now), runs.of(job), now);
        // What cannot run beside another waits; its slot stays due, and later ones with it are one.
        if (due.isEmpty() || jobs.blocked(batchJob.get()).isPresent()) {
            return;
        }
        var taken = runs.take(job, due.get());
        if (taken.isEmpty()) {
            return;
        }
        var answer = jobs.start(batchJob.get(), parameters(job, wanted));
        if (answer instanceof JobAnswer.Accepted accepted) {
            LOG.infof(
                    "[run-started] %s of %s is execution %d",
                    job.batchJob(), taken.get().slot(), accepted.run().id());
            runs.started(taken.get().started(accepted.run().id()));
        } else {
            LOG.errorf("[run-failed] %s of %s: %s", job.batchJob(), taken.get().slot(), answer.sentence());
            runs.write(taken.get().ended(new Run.Ending(now, JobRun.State.FAILED.name(), answer.sentence())));
        }
    }

    private static Map<String, String> parameters(BackupPolicy.Job job, BackupPolicy wanted) {
        return switch (job) {
            case BACKUP -> wanted.incremental().isScheduled() ? Map.of(Job.INCREMENTAL, Job.MAY) : Map.of();
            case VERIFY -> Map.of("label", "stalest");
            case EXPIRE, CHECK -> Map.of();
        };
    }

    private Optional<CronSchedule> schedule(BackupPolicy.Job job, BackupPolicy wanted) {
        return Optional.ofNullable(wanted.schedules().get(job)).flatMap(cron -> {
            try {
                return Optional.of(new CronSchedule(cron, wanted.zone()));
            } catch (IllegalArgumentException e) {
                if (told.add(cron)) {
                    LOG.errorf("[backup-config] %s \"%s\" is no schedule: %s", job.key(), cron, e.getMessage());
                }
                return Optional.empty();
            }
        });
    }

    private void show() {
        boolean here = tenures.current().filter(Tenure::isHeld).isPresent();
        var elected = election.holder().map(h -> new Elected(h.name(), h.url(), h.token()));
        var lines = here && policy.isPresent() && ledger.isPresent()
                ? lines(policy.get(), ledger.get())
                : List.<ScheduleLine>of();
        board.show(new ManagerStatus(self.name(), elected, here, lines, problems));
        etcd.publish(
                !self.isNode(),
                etcdAnswers ? elected.map(Elected::name) : Optional.empty(),
                board.promises().stream()
                        .filter(p -> p.state() != Promise.State.KEPT)
                        .map(Promise::sentence)
                        .toList());
    }

    private List<ScheduleLine> lines(BackupPolicy wanted, RunLedger runs) {
        var now = clock.instant();
        var lines = new ArrayList<ScheduleLine>();
        for (var job : BackupPolicy.Job.values()) {
            var schedule = schedule(job, wanted);
            var all = runs.of(job);
            var last = all.isEmpty() ? Optional.<Run>empty() : Optional.of(all.getLast());
            lines.add(new ScheduleLine(
                    job.key(),
                    job.batchJob(),
                    schedule.map(CronSchedule::cron),
                    wanted.zone().getId(),
                    schedule.map(s -> s.next(now, SHOWN_SLOTS)).orElse(List.<Instant>of()),
                    last.map(Run::slot),
                    last.map(run -> run.ending()
                            .map(e -> e.state() + (e.outcome().isEmpty() ? "" : ": " + e.outcome()))
                            .orElse("RUNNING"))));
        }
        return lines;
    }

    /** Keeps the lease, for a thread of its own: what jobs and their records take must not cost it. Blocks for one answer of etcd. */
    void keep() {
        try {
            election.keep();
        } catch (IOException e) {
            LOG.debugf("the lease of the manager: %s", e.getMessage());
        }
    }

    /** What holds, as it was read last; empty until then. */
    Optional<BackupPolicy> policy() {
        return policy;
    }

    /** Gives the lock free for another manager. Blocks for one answer of etcd. */
    void stop() {
        boolean elected = tenures.current().isPresent();
        try {
            if (elected) {
                end("the server stops");
            }
        } finally {
            resign();
        }
    }

    private void resign() {
        try {
            election.resign();
        } catch (IOException e) {
            LOG.infof("[manager-stops] the lock ends with its lease: %s", e.getMessage());
        }
    }
}
