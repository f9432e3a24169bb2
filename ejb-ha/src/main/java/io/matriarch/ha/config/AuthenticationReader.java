package io.matriarch.ha.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code postgresql.authentication}. */
final class AuthenticationReader {

    private static final String DEFAULT_SUPERUSER = "postgres";
    private static final Map<String, Set<String>> CHOICES = Map.of(
            "sslmode", Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
            "gssencmode", Set.of("disable", "prefer", "require"),
            "channel_binding", Set.of("disable", "prefer", "require"),
            "sslnegotiation", Set.of("postgres", "direct"));

    private final Section postgresql;

    AuthenticationReader(Section postgresql) {
        this.postgresql = postgresql;
    }

    PostgresAuthentication read() {
        try (Section section = postgresql.section("authentication")) {
            PostgresUser superuser = user(section, "superuser", DEFAULT_SUPERUSER);
            if (!section.has("replication")
                    || section.section("replication").text("username").isEmpty()) {
                postgresql
                        .problems()
                        .error(
                                section.dotted("replication.username"),
                                "is missing; the role that replicas log in as",
                                section.locate("replication"));
            }
            PostgresUser replication = user(section, "replication", "replicator");
            PostgresUser rewind = section.has("rewind") ? user(section, "rewind", superuser.username()) : superuser;
            return new PostgresAuthentication(superuser, replication, rewind);
        }
    }

    private PostgresUser user(Section authentication, String part, String defaultName) {
        try (Section section = authentication.section(part)) {
            Map<String, String> connection = new LinkedHashMap<>();
            for (String key : PostgresUser.CONNECTION_KEYS) {
                Optional<String> value = CHOICES.containsKey(key)
                        ? section.choice(
                                key,
                                CHOICES.getOrDefault(key, Set.of()).stream()
                                        .sorted()
                                        .toList())
                        : section.text(key);
                value.ifPresent(text -> connection.put(key, text));
            }
            return new PostgresUser(
                    section.text("username").orElse(defaultName),
                    section.secret("password"),
                    section.secret("sslpassword"),
                    connection);
        }
    }
}
