package io.matriarch.tests.support;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What is still to be cleared away when the tests are interrupted, newest first. Everything here is harmless where a
 * test has cleared up itself.
 */
final class OnExit {
    private static final Deque<Runnable> STEPS = new ArrayDeque<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(OnExit::run, "clear-away"));
    }

    private OnExit() {}

    static void add(Runnable step) {
        synchronized (STEPS) {
            STEPS.push(step);
        }
    }

    private static void run() {
        synchronized (STEPS) {
            while (!STEPS.isEmpty()) {
                try {
                    STEPS.pop().run();
                } catch (RuntimeException e) {
                    Report.say("could not clear away: " + e);
                }
            }
        }
    }
}
