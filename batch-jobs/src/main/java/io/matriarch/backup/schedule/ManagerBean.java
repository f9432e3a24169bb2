package io.matriarch.backup.schedule;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.ManagerBoard;
import io.matriarch.backup.WalBoard;
import io.matriarch.backup.alarm.Alarms;
import io.matriarch.backup.manager.Duty;
import io.matriarch.backup.manager.Tenures;
import io.matriarch.backup.sandbox.Leftovers;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.Coordination;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** Runs the manager's threads where the configuration asks for a manager. After the agent, whose connection to etcd it shares. */
@Singleton
@Startup
@DependsOn({"ejb-ha.jar#HaLoopBean", "BackupJobs"})
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
@TransactionManagement(TransactionManagementType.BEAN)
public class ManagerBean {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    private static final Duration TURN = Duration.ofSeconds(1);
    private static final Duration JUDGE = Duration.ofSeconds(30);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

    private final BackupFacts cluster;
    private final Coordination etcd;
    private final BackupJobs jobs;
    private final Tenures tenures;
    private final ManagerBoard board;
    private final WalBoard wal;
    private final List<Duty> duties;
    private Optional<ManagerLoop> loop = Optional.empty();
    private Optional<Thread> thread = Optional.empty();
    private Optional<Thread> judge = Optional.empty();
    private volatile boolean stopping;

    /** For the container's proxy. */
    protected ManagerBean() {
        this.cluster = BackupFacts.none();
        this.etcd = Coordination.none();
        this.jobs = new BackupJobs(cluster, new io.matriarch.backup.JobTable());
        this.tenures = new Tenures();
        this.board = new ManagerBoard();
        this.wal = new WalBoard();
        this.duties = List.of();
    }

    @Inject
    public ManagerBean(
            BackupFacts cluster,
            Coordination etcd,
            BackupJobs jobs,
            Tenures tenures,
            ManagerBoard board,
            WalBoard wal,
            @Any Instance<Duty> duties) {
        this.cluster = cluster;
        this.etcd = etcd;
        this.jobs = jobs;
        this.tenures = tenures;
        this.board = board;
        this.wal = wal;
        this.duties = duties.stream().toList();
    }

    @PostConstruct
    void start() {
        var self = cluster.self();
        if (self.isEmpty()) {
            return;
        }
        var turns = new ManagerLoop(
                self.get(), cluster, etcd, jobs, tenures, duties, board, Clock.systemUTC(), System::nanoTime);
        var alarms = new Alarms(
                self.get().name(),
                cluster::webhook,
                () -> cluster.settings().map(BackupFacts.Settings::scope),
                board,
                Clock.systemUTC());
        var promises = new PromiseKeeper(
                cluster,
                etcd,
                tenures,
                board,
                wal,
                turns::policy,
                alarms::channel,
                turns::sinceTurn,
                Clock.systemUTC());
        loop = Optional.of(turns);
        var leftovers = cluster.work().map(Leftovers::in);
        thread = Optional.of(Thread.ofPlatform()
                .daemon()
                .name("matriarch-manager")
                .start(() -> {
                    // Before this manager can be elected; the removal may take long, and nobody waits for that.
                    leftovers
                            .map(Leftovers::setAside)
                            .ifPresent(aside -> Thread.ofPlatform()
                                    .daemon()
                                    .name("matriarch-leftovers")
                                    .start(aside::remove));
                    repeat(turns::turn, TURN);
                }));
        Thread.ofPlatform().daemon().name("matriarch-manager-lease").start(() -> repeat(turns::keep, TURN));
        Thread.ofPlatform().daemon().name("matriarch-alarms").start(() -> repeat(alarms::turn, TURN));
        judge = Optional.of(
                Thread.ofPlatform().daemon().name("matriarch-promises").start(() -> repeat(promises::turn, JUDGE)));
    }

    private void repeat(Runnable turn, Duration pause) {
        while (!stopping) {
            try {
                turn.run();
            } catch (RuntimeException e) {
                // Unlike the agent's, these threads hold no promise to a primary: they go on, and the next turn looks
                // again.
                LOG.error("[manager-turn-failed] a turn of the manager failed by an unexpected error", e);
            }
            LockSupport.parkNanos(pause.toNanos());
        }
    }

    @PreDestroy
    void stop() {
        stopping = true;
        judge.ifPresent(LockSupport::unpark);
        thread.ifPresent(running -> {
            LockSupport.unpark(running);
            try {
                running.join(STOP_PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        loop.ifPresent(ManagerLoop::stop);
    }
}
