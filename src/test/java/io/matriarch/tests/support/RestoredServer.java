package io.matriarch.tests.support;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A server that the product restored beside the cluster.
 *
 * @param data its data directory
 */
public record RestoredServer(Path data) implements AutoCloseable {

    public Path home() {
        return data.resolveSibling(data.getFileName() + ".restore");
    }

    /** Whether the ledger says that a step is done. */
    public boolean isDone(String step) {
        try {
            return ledger("steps").filter(s -> s.has(step)).isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    /** Something that the ledger recorded. */
    public String fact(String name) throws IOException {
        return ledger("facts")
                .flatMap(f -> f.get(name))
                .map(String::valueOf)
                .orElseThrow(() -> new IOException("no fact " + name + " in " + home()));
    }

    private Optional<JsonObject> ledger(String part) throws IOException {
        Path file = home().resolve("restore.json");
        return Files.exists(file)
                ? Json.tryParseObject(Files.readString(file)).flatMap(l -> l.object(part))
                : Optional.empty();
    }

    /** Rows as psql prints them, through the socket. */
    public String ask(String query) throws IOException {
        return Command.run(SinglePostgres.command(
                        "psql",
                        List.of(
                                "-XAtq",
                                "-h",
                                home().toString(),
                                "-p",
                                fact("port"),
                                "-U",
                                "postgres",
                                "-d",
                                "postgres",
                                "-c",
                                query)))
                .strip();
    }

    public boolean runs() {
        return Command.tryRun(SinglePostgres.command("pg_ctl", List.of("status", "-D", data.toString())))
                        .code()
                == 0;
    }

    public void stop() {
        Command.tryRun(SinglePostgres.command("pg_ctl", List.of("stop", "-D", data.toString(), "-m", "fast", "-w")));
    }

    /** Stops it and removes all that belongs to it. */
    @Override
    public void close() {
        stop();
        Workplace.remove(data);
        Workplace.remove(home());
        Workplace.remove(data.resolveSibling(data.getFileName() + ".tablespaces"));
    }
}
