package io.matriarch.ha.config;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whether PostgreSQL would let the agent in without a password. A cluster without any way to log in comes up once and
 * then never gets a replica, so this is found before it starts.
 */
final class PasswordCheck {

    private static final Set<String> PASSWORDLESS = Set.of("trust", "peer", "ident", "cert", "gss", "sspi");

    private PasswordCheck() {}

    static void check(Section postgresql, PostgresConfig config, BootstrapConfig bootstrap) {
        List<String> hba = Stream.concat(config.pgHba().stream(), bootstrap.pgHba().stream())
                .toList();
        one(postgresql, "superuser", config.authentication().superuser(), config, hba, config.useUnixSocket());
        one(postgresql, "replication", config.authentication().replication(), config, hba, config.useUnixSocketRepl());
        if (postgresql.section("authentication").has("rewind")) {
            one(postgresql, "rewind", config.authentication().rewind(), config, hba, false);
        }
    }

    private static void one(
            Section postgresql,
            String part,
            PostgresUser user,
            PostgresConfig config,
            List<String> hba,
            boolean bySocket) {
        boolean otherwise = user.password().isPresent()
                || user.connection().containsKey("sslcert")
                || bySocket
                || config.krbsrvname().isPresent()
                || config.pgpass().isPresent()
                || hba.stream().anyMatch(PasswordCheck::asksForNoPassword);
        if (otherwise) {
            return;
        }
        Section section = postgresql.section("authentication").section(part);
        String message = "is missing; allowed: the password of role \"" + user.username()
                + "\", or another way to log in (sslcert and sslkey, krbsrvname, pgpass, use_unix_socket,"
                + " a pg_hba line with trust, peer, ident or cert)";
        if (hba.isEmpty()) {
            section.warn("password", message);
        } else {
            section.error("password", message);
        }
    }

    private static boolean asksForNoPassword(String line) {
        return Stream.of(line.toLowerCase(Locale.ROOT).split("\\s+")).skip(3).anyMatch(PASSWORDLESS::contains);
    }
}
