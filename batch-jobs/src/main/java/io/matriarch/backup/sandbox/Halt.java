package io.matriarch.backup.sandbox;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How work that consists of programs is ended early, from another thread: what runs is killed, what would run next does not begin. A program
 * that was killed so has said nothing about a backup, hence no answer is made of it.
 */
public final class Halt {
    private final Set<Process> running = ConcurrentHashMap.newKeySet();
    private volatile boolean asked;

    /** The work was ended early because somebody asked for it. */
    public static final class HaltedException extends IOException {
        private static final long serialVersionUID = 1L;

        HaltedException() {
            super("it was stopped");
        }
    }

    /** Ends the work; returns at once. */
    public void ask() {
        asked = true;
        running.forEach(Halt::kill);
    }

    /** Whether it was asked to end. */
    public boolean isAsked() {
        return asked;
    }

    /** @throws HaltedException if the work shall end */
    public void check() throws HaltedException {
        if (asked) {
            throw new HaltedException();
        }
    }

    /** From now on the program ends with the work; to be followed by {@link #forget}. */
    void watch(Process process) {
        running.add(process);
        if (asked) {
            kill(process);
        }
    }

    void forget(Process process) {
        running.remove(process);
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
