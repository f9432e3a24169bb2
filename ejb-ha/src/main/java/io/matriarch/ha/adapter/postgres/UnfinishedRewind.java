package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jboss.logging.Logger;

/**
 * A rewind that ends in the middle leaves a directory that starts, and is corrupt. A mark in the state directory says that one runs; if it
 * is found when none runs, the control file is put away, so that nothing takes the directory for a database cluster and it is cloned anew.
 */
final class UnfinishedRewind {
    private static final Logger LOG = Logger.getLogger(UnfinishedRewind.class);

    private final Path mark;

    UnfinishedRewind(Path stateDir) {
        this.mark = stateDir.resolve("rewind-unfinished");
    }

    void begin(Path dataDir) throws IOException {
        DurableFiles.write(mark, dataDir + "\n");
    }

    void end() throws IOException {
        DurableFiles.delete(mark);
    }

    /** Puts the control file away if a rewind did not end. Call it before anything is started. */
    void settle(Path dataDir) throws PostgresException {
        try {
            var marked = DurableFiles.read(mark);
            if (marked.isEmpty()) {
                return;
            }
            if (marked.get().strip().equals(dataDir.toString())) {
                killOrphans(dataDir);
                Path control = dataDir.resolve("global").resolve("pg_control");
                if (Files.exists(control)) {
                    DurableFiles.move(control, control.resolveSibling("pg_control.unfinished-rewind"));
                }
                LOG.warnf(
                        "a rewind of %s ended in the middle: the directory is no database cluster any more and must be cloned anew",
                        dataDir);
            }
            end();
        } catch (IOException e) {
            throw new PostgresException("could not settle the unfinished rewind of " + dataDir, e);
        }
    }

    /** A pg_rewind whose agent was killed goes on alone. */
    private static void killOrphans(Path dataDir) {
        String target = "--target-pgdata=" + dataDir;
        ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .arguments()
                        .filter(argv -> Arrays.asList(argv).contains(target))
                        .isPresent())
                .forEach(process -> {
                    process.destroyForcibly();
                    process.onExit().join();
                });
    }
}
