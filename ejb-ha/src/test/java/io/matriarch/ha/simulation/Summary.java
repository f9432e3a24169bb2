package io.matriarch.ha.simulation;

import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.TestReporter;

/** What a run of the simulator comes to, for the test's report and as one line of the build's output, which shows no reports. */
final class Summary {
    private static final Logger LOG = Logger.getLogger("simulation");

    static {
        var handler = new ConsoleHandler();
        handler.setFormatter(new Formatter() {
            @Override
            public String format(LogRecord line) {
                return "[INFO] Simulation: " + line.getMessage() + System.lineSeparator();
            }
        });
        LOG.setUseParentHandlers(false);
        LOG.addHandler(handler);
    }

    private Summary() {}

    static void tell(TestReporter reporter, String line) {
        reporter.publishEntry("simulation", line);
        LOG.info(line);
    }
}
