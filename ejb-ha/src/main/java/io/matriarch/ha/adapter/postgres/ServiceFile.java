package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.config.PostgresUser;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Hands programs the passphrase of a client key: libpq takes it from a connection string, which must not stand in an argument list. */
final class ServiceFile {

    private ServiceFile() {}

    /** The environment for a program that logs in as {@code user}; writes the file, mode 0600, when there is a passphrase. */
    static Map<String, String> environment(PostgresSettings settings, PostgresUser user) throws PostgresException {
        Optional<String> text = ConnectionString.serviceFile(user);
        if (text.isEmpty()) {
            return Map.of();
        }
        Path file = settings.stateDir().resolve("pg_service.conf");
        try {
            DurableFiles.write(file, text.get());
        } catch (IOException e) {
            throw new PostgresException("could not write " + file, e);
        }
        return Map.of("PGSERVICEFILE", file.toString());
    }
}
