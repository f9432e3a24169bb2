package io.matriarch.ha.loop;

import io.matriarch.ha.config.ConfigLoader;
import io.matriarch.ha.config.MemberConfig;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.PostgresException;
import io.matriarch.ha.status.StatusBoardBean;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import org.jboss.logging.Logger;
import sun.misc.Signal;

/**
 * Starts and stops the agent with the server. Bean-managed concurrency and transactions: no container lock or transaction time-out may
 * hold up a promotion or a read of the status.
 */
@Singleton
@Startup
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
@TransactionManagement(TransactionManagementType.BEAN)
public class HaLoopBean {
    private static final Logger LOG = Logger.getLogger("io.matriarch");

    /** The launcher's help explains it: the server could not start. */
    private static final int CANNOT_START = 3;
    /** A manager's lease is of 10 s: an answer may take so long at most. */
    private static final Duration MANAGER_PATIENCE = Duration.ofSeconds(3);

    private static final java.util.logging.Logger SERVER_OPERATIONS =
            java.util.logging.Logger.getLogger("org.jboss.as.controller.management-operation");
    private final StatusBoardBean board;
    private final AgentHolder holder;
    private Optional<Agent> agent = Optional.empty();
    /** The connection of a machine without an agent. */
    private Optional<ClusterStore> ownStore = Optional.empty();

    /** For the container's proxy. */
    protected HaLoopBean() {
        this(new StatusBoardBean(new io.matriarch.ha.health.HealthState()), new AgentHolder());
    }

    @Inject
    public HaLoopBean(StatusBoardBean board, AgentHolder holder) {
        this.board = board;
        this.holder = holder;
    }

    @PostConstruct
    void start() {
        var file = Optional.ofNullable(System.getProperty("matriarch.config"));
        if (file.isEmpty()) {
            LOG.warn("[no-configuration] no matriarch.config is set: the server runs without an agent");
            return;
        }
        var configuration = new MemberConfig(ConfigLoader.ofProcess(), Path.of(file.get()));
        var config = configuration.now();
        LogLevels.apply(config.log());
        configuration.onChange(changed -> LogLevels.apply(changed.log()));
        holder.configured(configuration);
        if (!config.isNode()) {
            managerOnly(configuration);
            return;
        }
        var version = Optional.ofNullable(HaLoopBean.class.getPackage().getImplementationVersion())
                .orElseGet(() -> System.getProperty("matriarch.version", "0.1.0"));
        try {
            var started = new Agent(
                    configuration,
                    Path.of(System.getProperty("matriarch.state.dir")),
                    Path.of(System.getProperty("matriarch.home")),
                    version,
                    board,
                    HaLoopBean::exitProcess);
            agent = Optional.of(started);
            holder.connected(started.store());
            holder.started(started.running());
            started.start();
            // Patroni's word for "read your file again"; the JVM would take it for an order to end.
            Signal.handle(new Signal("HUP"), hangUp -> holder.reload());
        } catch (PostgresException e) {
            cannotStart("postgresql-unusable", "PostgreSQL's programs cannot be used: " + e.getMessage());
        } catch (DcsUnavailableException e) {
            cannotStart("etcd-not-found", "etcd cannot be found: " + e.getMessage());
        }
    }

    private void managerOnly(MemberConfig configuration) {
        var assembly = new AgentAssembly(
                configuration,
                Path.of(System.getProperty("matriarch.state.dir")),
                Path.of(System.getProperty("matriarch.home")));
        try {
            var store = assembly.store();
            store.dcs().tune(MANAGER_PATIENCE);
            ownStore = Optional.of(store);
            holder.connected(store);
            LOG.infof(
                    "[manager-only] %s manages cluster %s and runs no PostgreSQL",
                    configuration.now().name(), configuration.now().scope());
            Signal.handle(new Signal("HUP"), hangUp -> holder.reload());
        } catch (DcsUnavailableException e) {
            cannotStart("etcd-not-found", "etcd cannot be found: " + e.getMessage());
        }
    }

    /** One line says it; a failed deployment would add pages of the server's own. */
    private static void cannotStart(String id, String why) {
        LOG.errorf("[%s] %s", id, why);
        exitProcess(CANNOT_START);
    }

    @PreDestroy
    void stop() {
        agent.ifPresent(Agent::stop);
        holder.stopped();
        ownStore.ifPresent(store -> store.dcs().close());
    }

    /** The server's own shutdown calls {@link #stop} again; so it must not run on the loop's thread. */
    private static void exitProcess(int code) {
        // A boot that is broken off logs each of its own steps as an error: they would bury the reason, which was
        // logged already.
        SERVER_OPERATIONS.setLevel(Level.OFF);
        Thread.ofPlatform().name("matriarch-exit").start(() -> System.exit(code));
    }
}
