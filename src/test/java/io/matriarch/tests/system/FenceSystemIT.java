package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.matriarch.ha.adapter.fence.FenceClient;
import io.matriarch.ha.adapter.fence.FenceSettings;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.port.FenceException;
import io.matriarch.ha.port.FenceKeeper.Event;
import io.matriarch.ha.port.FenceKeeper.Reason;
import io.matriarch.ha.port.FenceKeeper.StartCommand;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Signals;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The agent's client with the real fence and a real PostgreSQL; first of all, the fence's own suite. */
@Order(5)
@Timeout(300)
class FenceSystemIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Path FENCE = Workplace.checkout().resolve("deploy/fence/matriarch-fence");

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final List<FenceClient> clients = new ArrayList<>();
    private Path directory = Path.of("/nonexistent");

    @BeforeEach
    void prepare() throws IOException {
        directory = Workplace.newDirectory();
        Workplace.ownedByPostgres(directory.resolve("data"), directory.resolve("state"));
    }

    @AfterEach
    void end() {
        Path pidFile = directory.resolve("state/fence/fence.pid");
        OptionalLong pid = Signals.fromPidFile(pidFile);
        pid.ifPresent(fence -> {
            List<Long> family = Signals.tree(fence);
            Signals.send("KILL", family);
            Eventually.holds(
                    "the fence's family is gone", SOON, () -> family.stream().noneMatch(Signals::alive));
        });
        clients.forEach(FenceClient::close);
        Workplace.remove(directory);
    }

    @Test
    void itsOwnSuitePasses() throws Exception {
        Path output = directory.resolve("prove.out");
        Process prove = new ProcessBuilder(
                        "prove", "-v", FENCE.resolveSibling("t").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(prove.waitFor(280, TimeUnit.SECONDS))
                    .as("the suite ends")
                    .isTrue();
            assertThat(prove.exitValue())
                    .as(Files.readString(output, java.nio.charset.StandardCharsets.ISO_8859_1))
                    .isZero();
        } finally {
            prove.destroy();
        }
    }

    @Test
    void fenceOutlivesItsClientAndStopsPostgresAtTheDeadline() throws Exception {
        FenceClient first = client();
        first.connect();
        long postmaster = startPostgres(first);
        first.extend(inMillis(700));
        first.close();

        Eventually.holds("PostgreSQL is stopped", SOON, () -> !Signals.alive(postmaster));
        FenceClient next = client();
        Eventually.holds("fenced", SOON, () -> next.view().state() == FenceView.State.FENCED);
        FenceView view = next.connect();
        assertThat(view.proof().orElse("")).contains("\"reason\":\"fenced\"", "\"postmaster\":" + postmaster);
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> next.start(command()))
                .withMessageContaining("FENCED")
                .matches(e -> !e.isUnreachable());
        assertThat(directory.resolve("state/fence/proofs.jsonl")).content().contains("\"reason\":\"fenced\"");

        next.clear();
        startPostgres(next);
        next.stop(StopMode.FAST, SOON);
        assertThat(nextExit().reason()).isEqualTo(Reason.STOP);
    }

    @Test
    void killedPostmasterIsToldFirstAndItsEndWhenAllIsGone() throws Exception {
        FenceClient client = client();
        client.connect();
        long postmaster = startPostgres(client);
        List<Long> family = Signals.tree(postmaster);

        Signals.send("KILL", postmaster);

        assertThat(events.poll(10, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Event.PostmasterDied.class, e -> assertThat(e.pid()).isEqualTo(postmaster));
        Event.Exited exited = nextExit();
        assertThat(exited.reason()).isEqualTo(Reason.CRASH);
        assertThat(family).noneMatch(Signals::alive);
        assertThat(client.view().state()).isEqualTo(FenceView.State.IDLE);
    }

    @Test
    void newerClientTakesOverWithoutTouchingPostgres() throws Exception {
        FenceClient first = client();
        first.connect();
        long postmaster = startPostgres(first);
        MonotonicTime deadline = inMillis(60_000);
        first.extend(deadline);

        FenceView view = client().connect();

        assertThat(view.state()).isEqualTo(FenceView.State.RUNNING);
        assertThat(view.postmasterPid()).isEqualTo(postmaster);
        assertThat(view.deadline()).contains(deadline);
        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo(new Event.Disconnected());
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> first.extend(inMillis(60_000)))
                .matches(FenceException::isUnreachable);
        assertThat(Signals.alive(postmaster)).isTrue();
    }

    @Test
    void frozenFenceIsNoticedAndKilledAndPostgresGoesWithIt() throws Exception {
        FenceClient client = client();
        client.connect();
        long postmaster = startPostgres(client);
        long fence =
                Signals.fromPidFile(directory.resolve("state/fence/fence.pid")).orElseThrow();

        Signals.send("STOP", fence);
        assertThat(client.view()).isEqualTo(FenceView.UNREACHABLE);
        client.kill();

        assertThat(Signals.alive(fence)).isFalse();
        assertThat(Signals.alive(postmaster)).isFalse();
        assertThat(client.connect().state()).isEqualTo(FenceView.State.IDLE);
        assertThat(startPostgres(client)).isNotEqualTo(postmaster);
    }

    @Test
    void frozenFenceAndFrozenPostmasterAreBothGoneAfterTheKill() throws Exception {
        FenceClient client = client();
        client.connect();
        long postmaster = startPostgres(client);
        List<Long> family = Signals.tree(postmaster);
        long fence =
                Signals.fromPidFile(directory.resolve("state/fence/fence.pid")).orElseThrow();

        Signals.send("STOP", List.of(postmaster, fence));
        client.kill();

        assertThat(family).noneMatch(Signals::alive);
        assertThat(client.connect().state()).isEqualTo(FenceView.State.IDLE);
        startPostgres(client);
    }

    @Test
    void quitEndsAFenceThatHasNoPostgres() throws Exception {
        FenceClient client = client();
        client.connect();

        client.quit();

        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo(new Event.Disconnected());
        assertThat(client.view()).isEqualTo(FenceView.UNREACHABLE);
        assertThat(client.connect().state()).as("the next one is started").isEqualTo(FenceView.State.IDLE);
    }

    private Event.Exited nextExit() throws InterruptedException {
        for (Event event = events.poll(30, TimeUnit.SECONDS);
                event != null;
                event = events.poll(30, TimeUnit.SECONDS)) {
            if (event instanceof Event.Exited exited) {
                return exited;
            }
        }
        throw new AssertionError("no EXITED came");
    }

    private static MonotonicTime inMillis(long ms) {
        return new MonotonicTime(System.nanoTime()).plus(Duration.ofMillis(ms));
    }

    /** PostgreSQL refuses root, so a fence that the tests start as root must not be root either. */
    private FenceClient client() throws IOException {
        Path program = FENCE;
        if (Workplace.root()) {
            program = directory.resolve("fence-as-postgres");
            Files.writeString(
                    program,
                    "#!/bin/sh\nexec setpriv --reuid postgres --regid postgres --init-groups " + FENCE + " \"$@\"\n");
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        var settings = new FenceSettings(
                program,
                directory.resolve("state/fence"),
                new MemberName("pg1"),
                Duration.ofSeconds(2),
                Duration.ofSeconds(30));
        var client = new FenceClient(settings);
        client.onEvent(events::add);
        clients.add(client);
        return client;
    }

    private long startPostgres(FenceClient client) throws FenceException {
        Path data = directory.resolve("data");
        if (!Files.exists(data.resolve("PG_VERSION"))) {
            initialize(data);
        }
        long pid = client.start(command());
        List<String> ready = List.of(
                Workplace.postgresBin().resolve("pg_isready").toString(),
                "-h",
                directory.resolve("state").toString());
        Eventually.holds("PostgreSQL answers", SOON, () -> Command.tryRun(ready).code() == 0);
        return pid;
    }

    private StartCommand command() {
        String data = directory.resolve("data").toString();
        return new StartCommand(
                List.of(
                        Workplace.postgresBin().resolve("postgres").toString(),
                        "-D",
                        data,
                        "-c",
                        "listen_addresses=",
                        "-c",
                        "unix_socket_directories=" + directory.resolve("state")),
                data,
                directory.resolve("state/postgresql.log").toString());
    }

    private static void initialize(Path data) {
        var initdb = new ArrayList<String>();
        if (Workplace.root()) {
            initdb.addAll(List.of("setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"));
        }
        initdb.addAll(List.of(
                Workplace.postgresBin().resolve("initdb").toString(), "-D", data.toString(), "-A", "trust", "-N"));
        Command.run(initdb);
    }
}
