package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.adapter.FreePort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs the scenarios against a real PostgreSQL. A program of its own, because PostgreSQL refuses to run as root and the build may be root:
 * {@link LocalPostgresControlTest} starts it as another user then. Arguments: scenario, directory for data, PostgreSQL's programs.
 */
final class Scenario {
    private static final long PATIENCE_S = 60;

    private Scenario() {}

    public static void main(String[] args) throws Exception {
        Path root = Files.createTempDirectory(Path.of(args[1]), args[0]);
        var scenarios = new ControlScenarios(root, Path.of(args[2]));
        try {
            switch (args[0]) {
                case "lifecycle" -> scenarios.lifecycle();
                case "divergence" -> scenarios.divergence();
                case "trouble" -> scenarios.trouble();
                default -> throw new IllegalArgumentException("no such scenario: " + args[0]);
            }
        } finally {
            scenarios.close();
            DurableFiles.deleteTree(root);
        }
        System.exit(0);
    }

    static void check(boolean holds, String claim) {
        if (!holds) {
            throw new AssertionError("not true: " + claim);
        }
    }

    static void same(Object found, Object wanted, String what) {
        if (!found.equals(wanted)) {
            throw new AssertionError(what + ": found <" + found + ">, wanted <" + wanted + ">");
        }
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    interface Step {
        void run() throws Exception;
    }

    /** Waits for what PostgreSQL does in its own time. */
    static void until(String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (true) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (SQLException e) {
                // Not yet.
            }
            check(System.nanoTime() - deadline < 0, what + " within " + PATIENCE_S + " s");
            Thread.sleep(20);
        }
    }

    static Exception fails(String what, Step step) {
        try {
            step.run();
        } catch (Exception e) {
            return e;
        }
        throw new AssertionError("did not fail: " + what);
    }

    static List<Integer> freePorts(int count) {
        return Stream.generate(FreePort::take).distinct().limit(count).toList();
    }
}
