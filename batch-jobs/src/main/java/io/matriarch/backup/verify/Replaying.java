package io.matriarch.backup.verify;

import io.matriarch.backup.heartbeat.Heartbeat;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.backup.sandbox.Sandbox;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A sandbox on its way to a moment. */
final class Replaying {
    private static final Duration QUESTION = Duration.ofMinutes(1);
    private static final Duration STALLED = Duration.ofMinutes(15);
    private static final long LOOK_NANOS = 250_000_000L;

    private final Sandbox sandbox;
    private final String superuser;
    private final Halt halt;

    Replaying(Sandbox sandbox, String superuser, Halt halt) {
        this.sandbox = sandbox;
        this.superuser = superuser;
        this.halt = halt;
    }

    /** Waits until it pauses at its target; blocks for as long as replay goes on. What went wrong, if something did. */
    Optional<String> awaitPause() throws IOException {
        var at = "";
        long movedAt = System.nanoTime();
        while (true) {
            halt.check();
            var said = sandbox.ask(
                    superuser,
                    "postgres",
                    "select pg_is_in_recovery() and pg_is_wal_replay_paused(), pg_last_wal_replay_lsn()\n",
                    QUESTION);
            if (!said.well()) {
                return Optional.of(said.lastWords() + sandbox.endOfLog());
            }
            var words = said.output().strip();
            if (words.startsWith("t|")) {
                return Optional.empty();
            }
            if (!words.equals(at)) {
                at = words;
                movedAt = System.nanoTime();
            } else if (System.nanoTime() - movedAt > STALLED.toNanos()) {
                return Optional.of("replay stands still at " + at + sandbox.endOfLog());
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** The heartbeat in the data; empty when there is none. */
    Optional<Heartbeat> heartbeat(String database) throws IOException {
        var there = sandbox.ask(superuser, database, Heartbeat.IS_OURS + "\n", QUESTION);
        if (!there.well() || !there.output().strip().equals("t")) {
            return Optional.empty();
        }
        return Heartbeat.parse(sandbox.ask(superuser, database, Heartbeat.READ + "\n", QUESTION)
                .must()
                .output());
    }
}
