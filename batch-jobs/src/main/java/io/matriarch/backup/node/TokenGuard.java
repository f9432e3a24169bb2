package io.matriarch.backup.node;

import io.matriarch.ha.json.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The newest tenure that has commanded this node, in a file that outlives it. A manager that was frozen, and goes on as if it were still the
 * elected one, is told from its successor so.
 */
final class TokenGuard {
    private final Path file;
    private Optional<Seen> seen = Optional.empty();

    TokenGuard(Path file) {
        this.file = file;
    }

    private record Seen(long token, String manager) {}

    /** A command of a tenure that is over. */
    static final class StaleTokenException extends IOException {
        private static final long serialVersionUID = 1;

        StaleTokenException(String message) {
            super(message);
        }
    }

    /**
     * Lets a command pass; a newer token is durable when this returns.
     *
     * @throws StaleTokenException if a newer manager has commanded this node
     * @throws IOException if nobody knows: the file cannot be read or written. Nothing may be done then
     */
    synchronized void accept(long token, String manager) throws IOException {
        if (seen.isEmpty() && !Files.notExists(file)) {
            seen = Optional.of(read());
        }
        long newest = seen.map(Seen::token).orElse(0L);
        if (token < newest) {
            throw new StaleTokenException("the token " + token + " of " + manager + " is older than " + newest + " of "
                    + seen.map(Seen::manager).orElse("?")
                    + ", which has commanded this node since: another manager is elected. (Only if etcd was set up anew, so that its"
                    + " revisions begin again, and no manager of before runs: remove " + file + ")");
        }
        if (token > newest) {
            write(new Seen(token, manager));
        }
    }

    private Seen read() throws IOException {
        var in = Json.tryParseObject(Files.readString(file));
        var token = in.flatMap(o -> o.number("token"));
        if (token.isEmpty()) {
            throw new IOException(
                    file
                            + " does not tell which manager has commanded this node last; no command is taken. If only one manager runs, remove it");
        }
        return new Seen(token.get(), in.flatMap(o -> o.string("manager")).orElse("?"));
    }

    private void write(Seen newer) throws IOException {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("token", newer.token());
        out.put("manager", newer.manager());
        Path written = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(written, Json.spaced(out));
        sync(written);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(file.toAbsolutePath().resolveSibling("."));
        seen = Optional.of(newer);
    }

    private static void sync(Path path) throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
