package io.matriarch.backup.base;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Commands whose programs end with this process, also when that is killed: the kernel sends them a signal. It is sent when the thread ends that
 * started the program, so that thread has to be there as long as the program; and what the program starts is not tied itself.
 */
public final class Tied {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    /** This process may have died before the tie held: then the program has another parent, and does not begin. */
    private static final String UNLESS_ORPHANED = "[ \"$PPID\" = \"$0\" ] && exec \"$@\"";

    private static final int PROBE_SECONDS = 10;

    private Tied() {}

    /** How a program is ended that is left alone. */
    public enum End {
        /** For a program that leaves nothing to tidy up but files. */
        KILL,
        /** For a postmaster: it ends its own children, and writes nothing any more. */
        QUIT
    }

    /** Does the machine's {@code setpriv} know how? Asked once. */
    private static final class Means {
        private static final boolean THERE = probe();

        private static boolean probe() {
            try {
                var process = new ProcessBuilder("setpriv", "--pdeathsig", "KILL", "true")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0) {
                    return true;
                }
                process.destroyForcibly();
            } catch (IOException e) {
                LOG.debugf("setpriv cannot be run: %s", e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            LOG.warn("[children-untied] setpriv of util-linux 2.33 or later is missing:"
                    + " programs of jobs may outlive a manager that is killed, until it starts again");
            return false;
        }
    }

    /** The command that runs {@code command}, tied; its process is the program's own. */
    public static List<String> command(End end, List<String> command) {
        if (!Means.THERE) {
            return List.copyOf(command);
        }
        var tied = new ArrayList<>(List.of("setpriv", "--pdeathsig", end.name(), "sh", "-c", UNLESS_ORPHANED));
        tied.add(Long.toString(ProcessHandle.current().pid()));
        tied.addAll(command);
        return tied;
    }
}
