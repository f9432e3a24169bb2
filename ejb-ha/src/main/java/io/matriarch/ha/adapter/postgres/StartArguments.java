package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.config.EffectiveParameters;
import io.matriarch.ha.port.FenceKeeper.StartCommand;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How {@code postgres} is run: what the agent owns stands on the command line, where no file and no ALTER SYSTEM changes it. */
final class StartArguments {
    private static final long LOG_LIMIT_BYTES = 64L << 20;

    private StartArguments() {}

    static List<String> of(PostgresTools tools, Path dataDir, Path mainFile, EffectiveParameters parameters) {
        List<String> argv = new ArrayList<>(
                List.of(tools.program("postgres").toString(), "-D", dataDir.toString(), "--config_file=" + mainFile));
        parameters.commandLine().forEach((name, value) -> argv.add("--" + name + "=" + value));
        return argv;
    }

    static StartCommand primary(PostgresTools tools, PostgresSettings settings) throws PostgresException {
        return command(settings, of(tools, settings.dataDir(), settings.mainFile(), settings.parameters()));
    }

    /** A replica starts with no less than what its control file says the primary had, or it would refuse to start. */
    static StartCommand replica(PostgresTools tools, PostgresSettings settings) throws PostgresException {
        Map<String, Long> stored;
        try {
            stored = ControlData.read(tools, settings.dataDir()).settings();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("interrupted while reading the control file", e);
        }
        return command(
                settings,
                of(
                        tools,
                        settings.dataDir(),
                        settings.mainFile(),
                        settings.parameters().notBelow(stored)));
    }

    private static StartCommand command(PostgresSettings settings, List<String> argv) throws PostgresException {
        return new StartCommand(
                argv,
                settings.dataDir().toString(),
                logFile(settings, "postgresql.log").toString());
    }

    /** Where output goes until PostgreSQL's own logging takes over. A large one is put away at a start: one old one is kept. */
    static Path logFile(PostgresSettings settings, String name) throws PostgresException {
        Path file = settings.stateDir().resolve("log").resolve(name);
        try {
            Files.createDirectories(DurableFiles.parent(file));
            if (Files.exists(file) && Files.size(file) > LOG_LIMIT_BYTES) {
                DurableFiles.move(file, file.resolveSibling(name + ".1"));
            }
            return file;
        } catch (IOException e) {
            throw new PostgresException("could not prepare " + file, e);
        }
    }
}
