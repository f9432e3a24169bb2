package io.matriarch.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/** Keeps the logs of a failed test below {@code target/system-logs/} and shows their essence. */
public final class FailedRun {
    private static final int LINES_SHOWN = 25;

    private FailedRun() {}

    /** Copies all logs of the cluster to a directory named after the test and prints the end of each agent's log. */
    public static void keep(String test, MatriarchCluster cluster) {
        Path target = Path.of("target", "system-logs", test).toAbsolutePath();
        try {
            for (Map.Entry<String, List<Path>> entry : cluster.logs().entrySet()) {
                Path folder = Files.createDirectories(target.resolve(entry.getKey()));
                Path base = cluster.directory();
                for (Path log : entry.getValue()) {
                    if (Files.isReadable(log)) {
                        String name = base.relativize(log).toString().replace('/', '_');
                        Files.copy(log, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep logs in " + target, e);
        }
        Report.say("---- " + test + " failed; state now: " + cluster.describe() + "; logs are in " + target);
        cluster.members().forEach(FailedRun::showEnd);
    }

    private static void showEnd(Member member) {
        Report.say("---- end of the agent's log of " + member.name());
        try {
            List<String> lines = Files.readAllLines(member.agentLog(), StandardCharsets.UTF_8);
            lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()).forEach(Report::say);
        } catch (IOException none) {
            Report.say("(no log)");
        }
    }
}
