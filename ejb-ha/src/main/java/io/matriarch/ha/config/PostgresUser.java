package io.matriarch.ha.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the agent logs in to PostgreSQL in one of its parts.
 *
 * @param username role name
 * @param password empty if the server asks for none (certificate, peer, trust ...)
 * @param sslPassword passphrase of the client key
 * @param connection libpq parameters by their libpq names ({@code sslmode}, {@code sslcert} ...), in a fixed order
 */
public record PostgresUser(
        String username, Optional<Secret> password, Optional<Secret> sslPassword, Map<String, String> connection) {

    /** The libpq parameters that may be set, besides the passphrase. */
    public static final List<String> CONNECTION_KEYS = List.of(
            "sslmode",
            "sslkey",
            "sslcert",
            "sslrootcert",
            "sslcrl",
            "sslcrldir",
            "gssencmode",
            "channel_binding",
            "sslnegotiation");

    public PostgresUser {
        connection = Collections.unmodifiableMap(new LinkedHashMap<>(connection));
    }
}
