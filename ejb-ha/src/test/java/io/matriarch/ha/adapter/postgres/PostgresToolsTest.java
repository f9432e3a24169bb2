package io.matriarch.ha.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.adapter.postgres.PostgresTools.Command;
import io.matriarch.ha.port.PostgresException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PostgresToolsTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private final PostgresTools tools =
            new PostgresTools(Path.of("/usr/bin")::resolve, List.of(), Optional.of(Path.of("/x/pgpass")));

    private static Command shell(String script, Duration timeout) {
        return Command.of("script", List.of("/bin/sh", "-c", script), timeout);
    }

    @Test
    void childSeesEnglishThePasswordFileAndNoInput() throws Exception {
        var result = tools.run(
                shell("echo $LC_ALL $PGPASSFILE $X; cat; exit 3", LONG).with(Map.of("X", "y")));
        assertThat(result.output()).isEqualTo("C /x/pgpass y\n");
        assertThat(result.exitCode()).isEqualTo(3);
        assertThatThrownBy(result::orThrow)
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("ended with 3");
    }

    @Test
    void linesComeAsTheyAreWritten() throws Exception {
        List<String> lines = new ArrayList<>();
        tools.run(shell("printf 'a\\rb\\n\\nc' >&2", LONG).onErrorLine(lines::add));
        assertThat(lines).containsExactly("a", "b", "c");
    }

    @Test
    void childThatTakesTooLongIsKilledWithItsChildren() {
        var pid = new AtomicReference<>("");
        assertThatThrownBy(() -> tools.run(shell("sleep 300 & echo $!; wait", Duration.ofMillis(500))
                        .onOutputLine(pid::set)))
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("was killed");
        assertThat(ProcessHandle.of(Long.parseLong(pid.get())).filter(PostgresToolsTest::runs))
                .isEmpty();
    }

    @Test
    void silentChildIsKilled() {
        assertThatThrownBy(() -> tools.run(shell("sleep 300", LONG).stalledAfter(Duration.ofMillis(300))))
                .hasMessageContaining("no progress");
        assertThatThrownBy(() -> tools.run(shell("sleep 300", LONG).abortedWhen(() -> Optional.of("the disk is full"))))
                .hasMessageContaining("the disk is full");
    }

    @Test
    void interruptKillsTheChild() throws Exception {
        var started = new CountDownLatch(1);
        var outcome = new AtomicReference<Exception>(new IllegalStateException("did not end"));
        var pid = new AtomicReference<>("");
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                tools.run(shell("echo $$; exec sleep 300", LONG).onOutputLine(line -> {
                    pid.set(line);
                    started.countDown();
                }));
            } catch (PostgresException | InterruptedException e) {
                outcome.set(e);
            }
        });
        assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        thread.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        assertThat(ProcessHandle.of(Long.parseLong(pid.get())).filter(PostgresToolsTest::runs))
                .isEmpty();
    }

    /** A killed orphan may stay a zombie until somebody reaps it. */
    private static boolean runs(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }
}
