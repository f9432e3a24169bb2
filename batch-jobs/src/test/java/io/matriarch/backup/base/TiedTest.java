package io.matriarch.backup.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernel tells the death of a process and of the thread that started the program alike: here the thread ends. */
class TiedTest {
    private static final int LIMIT_SECONDS = 30;

    @ParameterizedTest
    @EnumSource(Tied.End.class)
    void programEndsWithWhoeverStartedIt(Tied.End end) throws Exception {
        var mayEnd = new CountDownLatch(1);
        var starting = new FutureTask<>(() -> start(end, "echo begun; exec sleep 600"));
        var starter = Thread.ofPlatform().start(() -> {
            starting.run();
            awaitQuietly(mayEnd);
        });
        var program = starting.get();
        try {
            assertThat(program.inputReader().readLine()).isEqualTo("begun");
            assertThat(program.isAlive()).isTrue();

            mayEnd.countDown();
            starter.join();

            assertThat(program.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).isGreaterThan(128);
        } finally {
            mayEnd.countDown();
            program.destroyForcibly();
        }
    }

    @Test
    void argumentsAndStatusAreTheProgramsOwn() throws Exception {
        var program = new ProcessBuilder(
                        Tied.command(Tied.End.KILL, List.of("sh", "-c", "echo \"$0|$1|$$\"; exit 7", "a b", "$c '")))
                .start();

        assertThat(program.inputReader().readLine()).isEqualTo("a b|$c '|" + program.pid());
        assertThat(program.waitFor()).isEqualTo(7);
    }

    /** As when this process died between the start of the program and the tie. */
    @Test
    void programOfAnotherParentDoesNotBegin() throws Exception {
        var command = Tied.command(Tied.End.KILL, List.of("echo", "begun"));
        var other = new ProcessBuilder("sh", "-c", "\"$@\"; exit $?", "sh");
        other.command().addAll(command);

        var program = other.redirectErrorStream(true).start();

        assertThat(program.inputReader().readLine()).isNull();
        assertThat(program.waitFor()).isEqualTo(1);
    }

    private static Process start(Tied.End end, String script) throws Exception {
        return new ProcessBuilder(Tied.command(end, List.of("sh", "-c", script))).start();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
