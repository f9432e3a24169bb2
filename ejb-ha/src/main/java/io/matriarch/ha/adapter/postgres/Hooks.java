package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.adapter.postgres.PostgresTools.Command;
import io.matriarch.ha.config.PostgresConfig;
import io.matriarch.ha.port.PostgresException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Runs the user's scripts with Patroni's arguments. Callbacks run one after the other beside everything else; a newer one ends one that
 * still runs, except {@code on_reload}, which says nothing about the role. Thread safe.
 */
final class Hooks implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Hooks.class);
    private static final Duration CALLBACK_LIMIT = Duration.ofMinutes(5);
    private static final int WAITING = 16;

    private final PostgresTools tools;
    private final Supplier<PostgresConfig> config;
    private final String scope;
    private final ExecutorService worker;
    private Optional<Future<?>> running = Optional.empty();

    Hooks(PostgresTools tools, Supplier<PostgresConfig> config, String scope) {
        this.tools = tools;
        this.config = config;
        this.scope = scope;
        // The oldest waiting callback is left out when a script hangs: only the newest role matters.
        this.worker = new ThreadPoolExecutor(
                0,
                1,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(WAITING),
                Thread.ofPlatform().daemon().name("matriarch-callbacks").factory(),
                new ThreadPoolExecutor.DiscardOldestPolicy());
    }

    /** What happened, by the names of Patroni's configuration. */
    enum Event {
        ON_START,
        ON_STOP,
        ON_RESTART,
        ON_RELOAD,
        ON_ROLE_CHANGE;

        String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * Runs the callback for {@code event}, if one is configured, and returns at once.
     *
     * @param role {@code primary}, {@code replica} or {@code standby_leader}: what Patroni's scripts expect
     */
    synchronized void fire(Event event, String role) {
        Optional<String> command = Optional.ofNullable(config.get().callbacks().get(event.key()));
        if (command.isEmpty()) {
            return;
        }
        List<String> argv = new ArrayList<>(Quoting.words(command.get()));
        argv.addAll(List.of(event.key(), role, scope));
        if (event != Event.ON_RELOAD) {
            running.ifPresent(before -> before.cancel(true));
        }
        Future<?> started = worker.submit(() -> callback(event, argv));
        if (event != Event.ON_RELOAD) {
            running = Optional.of(started);
        }
    }

    private void callback(Event event, List<String> argv) {
        try {
            var result = tools.run(Command.of(event.key(), argv, CALLBACK_LIMIT));
            if (result.isSuccess()) {
                LOG.infof("the callback %s for role %s is done", event.key(), argv.get(argv.size() - 2));
            } else {
                LOG.warnf("the callback %s", result.describe());
            }
        } catch (PostgresException e) {
            LOG.warnf("the callback %s: %s", event.key(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.infof("the callback %s was ended: a newer one follows", event.key());
        }
    }

    /** Runs {@code pre_promote}. @throws PostgresException when it failed or took too long: the promotion is refused */
    void beforePromote(Duration limit) throws PostgresException {
        Optional<String> command = config.get().prePromote();
        if (command.isPresent()) {
            var result = run("pre_promote", command.get(), limit);
            if (!result.isSuccess()) {
                throw new PostgresException("the promotion was refused: " + result.describe());
            }
        }
    }

    /** Runs {@code before_stop}; a failure is only logged. Blocks at most {@code limit}. */
    void beforeStop(Duration limit) {
        config.get().beforeStop().ifPresent(command -> {
            try {
                var result = run("before_stop", command, limit);
                if (!result.isSuccess()) {
                    LOG.warn(result.describe());
                }
            } catch (PostgresException e) {
                LOG.warn(e.getMessage());
            }
        });
    }

    /** Runs {@code post_bootstrap} with a connection URL. */
    void afterBootstrap(String command, String url, Map<String, String> environment, Duration limit)
            throws PostgresException, InterruptedException {
        List<String> argv = new ArrayList<>(Quoting.words(command));
        argv.add(url);
        tools.run(Command.of("post_bootstrap", argv, limit).with(environment)).orThrow();
    }

    private PostgresTools.Result run(String name, String command, Duration limit) throws PostgresException {
        try {
            return tools.run(Command.of(name, Quoting.words(command), limit));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException(name + " was interrupted", e);
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
