package io.matriarch.ha.adapter.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.port.FenceException;
import io.matriarch.ha.port.FenceKeeper.Event;
import io.matriarch.ha.port.FenceKeeper.Reason;
import io.matriarch.ha.port.FenceKeeper.StartCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FenceClientTest {
    private static final Duration BOUND = Duration.ofMillis(300);

    @TempDir
    private Path directory;

    private FakeFence fence;
    private FenceClient client;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws IOException {
        fence = new FakeFence(directory);
        client = client(Path.of("/no/such/program"), directory);
        client.onEvent(events::add);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        fence.close();
    }

    private static FenceClient client(Path program, Path directory) {
        return new FenceClient(
                new FenceSettings(program, directory, new MemberName("pg1"), BOUND, Duration.ofSeconds(5)));
    }

    @Test
    void connectSaysHelloWithItsPidAndReturnsTheView() throws Exception {
        FenceView view = client.connect();

        assertThat(fence.nextRequest())
                .isEqualTo("HELLO " + ProcessHandle.current().pid());
        assertThat(view).isEqualTo(new FenceView(FenceView.State.IDLE, 0, Optional.empty(), Optional.empty()));
    }

    @Test
    void commandsAreWrittenAsTheProtocolSays() throws Exception {
        client.connect();
        fence.nextRequest();
        fence.answer(request -> Optional.of("OK postmaster=77 deadline=0"));

        assertThat(client.start(new StartCommand(List.of("/bin/postgres", "-D", "/d a"), "/d a", "/log")))
                .isEqualTo(77);
        client.extend(new MonotonicTime(123));
        client.disarm();
        client.stop(StopMode.IMMEDIATE, Duration.ofSeconds(2));
        client.nudge();
        client.clear();
        client.quit();

        assertThat(fence.nextRequest()).isEqualTo("START /d%20a /log /bin/postgres -D /d%20a");
        assertThat(fence.nextRequest()).isEqualTo("DEADLINE 123");
        assertThat(fence.nextRequest()).isEqualTo("DEADLINE none");
        assertThat(fence.nextRequest()).isEqualTo("STOP immediate 2000");
        assertThat(fence.nextRequest()).isEqualTo("SIGNAL USR1");
        assertThat(fence.nextRequest()).isEqualTo("CLEAR");
        assertThat(fence.nextRequest()).isEqualTo("QUIT");
    }

    @Test
    void lostControlIsNoticedAndTakenAgain() throws Exception {
        client.connect();
        assertThat(client.isInControl()).isTrue();

        fence.hangUp();
        assertThat(events.poll(5, TimeUnit.SECONDS)).isEqualTo(new Event.Disconnected());

        assertThat(client.isInControl()).isFalse();
        assertThat(client.view().state()).isEqualTo(FenceView.State.IDLE);
        client.connect();
        assertThat(client.isInControl()).isTrue();
        client.extend(new MonotonicTime(1));
    }

    @Test
    void refusalIsNotSilence() throws Exception {
        client.connect();
        fence.answer(request -> Optional.of("ERR FENCED an agent must CLEAR first"));

        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> client.extend(new MonotonicTime(1)))
                .withMessageContaining("FENCED an agent must CLEAR first")
                .matches(e -> !e.isUnreachable());
    }

    @Test
    void silenceIsUnreachableWithinTheBound() throws Exception {
        client.connect();
        fence.answer(request -> Optional.empty());
        long began = System.nanoTime();

        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> client.extend(new MonotonicTime(1)))
                .matches(FenceException::isUnreachable);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(BOUND, BOUND.plusSeconds(2));
        assertThat(client.view()).isEqualTo(FenceView.UNREACHABLE);
    }

    @Test
    void frozenFenceCannotBlockItsClientByAFullSocket() throws Exception {
        client.connect();
        fence.answer(request -> Optional.empty());
        var words = new StartCommand(List.of("/x", "y".repeat(1000)), "/", "/log");

        for (int i = 0; i < 40; i++) {
            CompletableFuture.runAsync(() -> {
                try {
                    client.start(words);
                } catch (FenceException e) {
                    assertThat(e.isUnreachable()).isTrue();
                }
            });
        }

        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> client.disarm())
                .matches(FenceException::isUnreachable);
    }

    @Test
    void lateAnswerDoesNotAnswerTheNextQuestion() throws Exception {
        client.connect();
        var release = new CountDownLatch(1);
        fence.answer(request -> {
            if (request.equals("SIGNAL USR1")) {
                await(release);
                return Optional.of("ERR LATE the answer to the slow one");
            }
            return Optional.of("OK");
        });

        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> client.nudge())
                .matches(FenceException::isUnreachable);
        release.countDown();

        client.clear();
    }

    @Test
    void oneThreadsSlowRequestDoesNotDelayAnothersWriting() throws Exception {
        client.connect();
        fence.nextRequest();
        fence.answer(request -> Optional.empty());
        var slow = CompletableFuture.runAsync(() -> {
            try {
                client.nudge();
            } catch (FenceException e) {
                assertThat(e.isUnreachable()).isTrue();
            }
        });
        assertThat(fence.nextRequest()).isEqualTo("SIGNAL USR1");

        var extension = CompletableFuture.runAsync(() -> {
            try {
                client.extend(new MonotonicTime(5));
            } catch (FenceException e) {
                assertThat(e.isUnreachable()).isTrue();
            }
        });

        assertThat(fence.nextRequest()).isEqualTo("DEADLINE 5");
        CompletableFuture.allOf(slow, extension).get(5, TimeUnit.SECONDS);
    }

    @Test
    void eventsReachTheListenerAlsoBetweenQuestionAndAnswer() throws Exception {
        client.connect();
        fence.answer(request -> Optional.of("EVENT EXITED pid=7 code=0 signal=3 reason=crash at=9\nOK"));

        client.clear();

        assertThat(events.poll(5, TimeUnit.SECONDS)).isEqualTo(new Event.Exited(7, Reason.CRASH, new MonotonicTime(9)));
    }

    @Test
    void lostConnectionIsToldOnceAndCallsFailAtOnce() throws Exception {
        client.connect();

        fence.hangUp();

        assertThat(events.poll(5, TimeUnit.SECONDS)).isEqualTo(new Event.Disconnected());
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> client.clear())
                .matches(FenceException::isUnreachable);
        assertThat(client.view().state()).as("anybody may ask for the status").isEqualTo(FenceView.State.IDLE);
        assertThat(events).isEmpty();
    }

    @Test
    void ownCloseIsNotALostConnection() throws Exception {
        client.connect();

        client.connect();

        assertThat(events.poll(100, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void garbageFromTheOtherSideEndsTheConnection() throws Exception {
        client.connect();

        fence.tell("HTTP/1.1 400 Bad Request");

        assertThat(events.poll(5, TimeUnit.SECONDS)).isEqualTo(new Event.Disconnected());
    }

    @Test
    void endlessLineEndsTheConnection() throws Exception {
        client.connect();
        fence.tell("x".repeat(FenceWire.MAX_LINE_BYTES + 1));

        assertThat(events.poll(5, TimeUnit.SECONDS)).isEqualTo(new Event.Disconnected());
    }

    @Test
    void longLinesAreRead() throws Exception {
        String proof = "p".repeat(60_000);
        fence.answer(request -> Optional.of(FakeFence.IDLE.replace("proof=", "proof=" + proof)));

        assertThat(client.connect().proof()).contains(proof);
    }

    @Test
    void anotherProtocolVersionIsRefused() {
        fence.answer(request -> Optional.of(FakeFence.IDLE.replace("version=1", "version=7")));

        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> client.connect())
                .withMessageContaining("version 7")
                .matches(e -> !e.isUnreachable());
    }

    @Test
    void programThatCannotRunIsNamed(@TempDir Path empty) {
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> client(Path.of("/no/such/program"), empty).connect())
                .withMessageContaining("/no/such/program");
    }

    @Test
    void programThatFailsIsQuoted(@TempDir Path empty) throws Exception {
        Path program = script(empty, "echo 'matriarch-fence: no space'; exit 1");

        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> client(program, empty).connect())
                .withMessageContaining("no space")
                .matches(e -> !e.isUnreachable());
    }

    @Test
    void programThatHangsIsBounded(@TempDir Path empty) throws Exception {
        var settings = new FenceSettings(
                script(empty, "exec sleep 60"), empty, new MemberName("pg1"), BOUND, Duration.ofMillis(300));

        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> new FenceClient(settings).connect())
                .matches(FenceException::isUnreachable);
    }

    @Test
    void killWithoutAFenceDoesNothing(@TempDir Path empty) throws Exception {
        client(Path.of("/x"), empty).kill();
        Files.writeString(empty.resolve("fence.pid"), ProcessHandle.current().pid() + "\n");

        client(Path.of("/x"), empty).kill();
    }

    @Test
    void directoryTooLongForASocketIsRefusedBeforehand() {
        Path deep = Path.of("/" + "d".repeat(100));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> client(Path.of("/x"), deep))
                .withMessageContaining("too long for a socket");
    }

    private static Path script(Path directory, String body) throws IOException {
        Path program = Files.writeString(directory.resolve("program"), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return program;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
