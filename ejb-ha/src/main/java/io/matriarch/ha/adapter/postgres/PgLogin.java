package io.matriarch.ha.adapter.postgres;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Who logs in to PostgreSQL. The password stays behind its supplier, so that no {@code toString} shows it, and is asked for anew at each
 * connection, so that a rotated one is used at once.
 *
 * @param user role name
 * @param password empty when the server asks for none
 * @param libpq connection parameters by their libpq names: {@code sslmode}, {@code sslcert}, {@code sslkey}, {@code sslrootcert},
 *     {@code sslpassword}, {@code gssencmode}, {@code channel_binding}, {@code sslnegotiation}; others are ignored
 */
public record PgLogin(String user, Supplier<Optional<String>> password, Map<String, String> libpq) {
    public PgLogin {
        libpq = java.util.Collections.unmodifiableMap(new TreeMap<>(libpq));
    }

    /** Names the role only: a connection parameter may be a passphrase. */
    @Override
    public String toString() {
        return "PgLogin[" + user + "]";
    }
}
