package io.matriarch.ha.loop;

import io.matriarch.ha.config.MemberConfig;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.PostgresException;
import io.matriarch.ha.port.StatusBoard;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.jboss.logging.Logger;

/** One running agent: its two threads, the loop and the keep-alive, and what wakes them. */
final class Agent {
    private static final Logger LOG = Logger.getLogger("io.matriarch");
    /**
     * More than the hand-over may take: 20 s for its checkpoint, 10 s for the user's script, 20 s for the stop, 15 s for a candidate, and
     * what etcd takes. A longer primary_stop_timeout is cut short by the fence.
     */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(90);

    private final RunningAgent running;
    private final ClusterStore store;
    private final LeaseKeeper lease;
    private final HaLoop loop;
    private final Thread loopThread;
    private final Thread leaseThread;
    private final WakeUps leasePause = new WakeUps();
    private final IntConsumer exitProcess;
    private volatile boolean stopping;

    /** @param exitProcess ends the process with a code; must return at once */
    Agent(MemberConfig config, Path stateDir, Path home, String version, StatusBoard board, IntConsumer exitProcess)
            throws PostgresException, DcsUnavailableException {
        var assembly = new AgentAssembly(config, stateDir, home);
        var wakeUps = new WakeUps();
        var identity = assembly.identity(version);
        var ports = assembly.ports(board, wakeUps);
        this.store = assembly.store();
        this.exitProcess = exitProcess;
        var leaseFile = new LeaseFile(stateDir);
        this.running = new RunningAgent(identity, ports, new Inbox(), wakeUps, assembly.liveLook(ports.clock()));
        this.lease = new LeaseKeeper(
                ports.dcs(),
                ports.fence(),
                ports.clock(),
                leaseFile.read(),
                leaseFile::write,
                () -> wakeUps.wake("lease changed"),
                () -> leasePause.wake("another pace"));
        this.loop = new HaLoop(identity, ports, lease, running.inbox(), this::exit);
        ports.fence().onEvent(event -> {
            loop.fenceEvent(event);
            wakeUps.wake("fence event");
        });
        this.loopThread = Thread.ofPlatform().daemon().name("matriarch-loop").unstarted(this::runLoop);
        this.leaseThread = Thread.ofPlatform().daemon().name("matriarch-lease").unstarted(this::runLease);
    }

    RunningAgent running() {
        return running;
    }

    ClusterStore store() {
        return store;
    }

    void start() {
        loopThread.start();
    }

    private void runLoop() {
        var ports = running.ports();
        LOG.infof(
                "[agent-started] member %s of cluster %s, Matriarch %s",
                running.identity().self(),
                running.identity().scope(),
                running.identity().agentVersion());
        leaseThread.start();
        ports.dcs().watch(() -> running.wakeUps().wake("DCS changed"));
        try {
            while (!stopping) {
                running.wakeUps().await(loop.cycle(), ports.clock());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // The fence stops PostgreSQL at its deadline by itself. A loop in an unknown state must not go on.
            LOG.error("[loop-broken] the loop ended by an unexpected failure; the agent exits", e);
            stopping = true;
            exitProcess.accept(1);
        }
    }

    private void runLease() {
        var clock = running.ports().clock();
        try {
            while (!stopping) {
                lease.renew();
                leasePause.await(clock.now().plus(lease.interval()), clock);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("[lease-broken] the keep-alive ended by an unexpected failure; the agent exits", e);
            stopping = true;
            exitProcess.accept(1);
        }
    }

    private void exit(String why, int code) {
        if (code == 0) {
            LOG.infof("[agent-exits] %s: %s", running.identity().self(), why);
        } else {
            LOG.errorf("[agent-exits] %s: %s", running.identity().self(), why);
        }
        stopping = true;
        exitProcess.accept(code);
    }

    /** Hands over, stops PostgreSQL and both threads. Blocks until that is done, bounded. */
    void stop() {
        running.inbox().ask(LocalRequest.SHUT_DOWN);
        running.wakeUps().wake("asked to stop");
        try {
            loopThread.join(STOP_PATIENCE);
            if (loopThread.isAlive()) {
                LOG.errorf(
                        "[stop-late] the loop did not end within %s s; the fence guards PostgreSQL",
                        STOP_PATIENCE.toSeconds());
            }
            stopping = true;
            leaseThread.interrupt();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    private void close() {
        var ports = running.ports();
        ports.worker().cancel();
        running.live().close();
        ports.probe().close();
        ports.control().close();
        ports.peers().close();
        endIdleFence();
        ports.dcs().close();
        ports.journal().close();
    }

    /** A fence without PostgreSQL has nothing to guard. */
    private void endIdleFence() {
        try (var fence = running.ports().fence()) {
            if (fence.view().state() == io.matriarch.ha.model.FenceView.State.IDLE) {
                fence.quit();
            }
        } catch (io.matriarch.ha.port.FenceException e) {
            LOG.debugf("the fence did not end: %s", e.getMessage());
        }
    }
}
