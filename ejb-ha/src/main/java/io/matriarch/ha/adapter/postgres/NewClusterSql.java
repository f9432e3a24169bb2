package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.config.BootstrapConfig;
import io.matriarch.ha.config.PostgresAuthentication;
import io.matriarch.ha.config.PostgresUser;
import io.matriarch.ha.config.Secret;
import io.matriarch.ha.port.PostgresException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.postgresql.util.PasswordUtil;

/** The SQL for the roles of a new cluster. Passwords are turned into SCRAM verifiers here, so that no plain one reaches PostgreSQL's log. */
final class NewClusterSql {
    private static final List<String> REWIND_FUNCTIONS = List.of(
            "pg_ls_dir(text, boolean, boolean)",
            "pg_stat_file(text, boolean)",
            "pg_read_binary_file(text)",
            "pg_read_binary_file(text, bigint, bigint, boolean)");
    private static final Set<String> OPTIONS = Set.of(
            "superuser",
            "nosuperuser",
            "createdb",
            "nocreatedb",
            "createrole",
            "nocreaterole",
            "inherit",
            "noinherit",
            "login",
            "nologin",
            "replication",
            "noreplication",
            "bypassrls",
            "nobypassrls");

    private final Set<String> known = new HashSet<>();
    private final StringBuilder out = new StringBuilder();

    /** Statements for all roles of the configuration; the superuser exists, made by initdb. */
    static String roles(PostgresAuthentication users, BootstrapConfig bootstrap) throws PostgresException {
        var sql = new NewClusterSql();
        sql.known.add(users.superuser().username());
        sql.out.append("SET synchronous_commit = local;\n");
        sql.role(users.superuser(), "SUPERUSER LOGIN");
        sql.role(users.replication(), "REPLICATION LOGIN");
        if (!users.rewind().username().equals(users.superuser().username())) {
            sql.role(users.rewind(), "LOGIN");
        }
        for (BootstrapConfig.User user : bootstrap.users().values()) {
            sql.role(user.name(), options(user), user.password());
        }
        return sql.out.toString();
    }

    /** What the rewind role needs in the database that pg_rewind connects to; empty when it is the superuser. */
    static String rewindGrants(PostgresAuthentication users) {
        if (users.rewind().username().equals(users.superuser().username())) {
            return "";
        }
        var grants = new StringBuilder();
        for (String function : REWIND_FUNCTIONS) {
            grants.append("GRANT EXECUTE ON FUNCTION pg_catalog.")
                    .append(function)
                    .append(" TO ")
                    .append(Quoting.identifier(users.rewind().username()))
                    .append(";\n");
        }
        return grants.toString();
    }

    private void role(PostgresUser user, String options) {
        role(user.username(), options, user.password());
    }

    private void role(String name, String options, Optional<Secret> password) {
        out.append(known.add(name) ? "CREATE" : "ALTER")
                .append(" ROLE ")
                .append(Quoting.identifier(name))
                .append(" WITH ")
                .append(options);
        password.ifPresent(secret -> out.append(" PASSWORD ").append(Quoting.literal(verifier(secret))));
        out.append(";\n");
    }

    private static String verifier(Secret password) {
        return PasswordUtil.encodeScramSha256(password.reveal().toCharArray());
    }

    private static String options(BootstrapConfig.User user) throws PostgresException {
        var options = new StringBuilder();
        boolean login = false;
        for (String option : user.options()) {
            String word = option.strip().toLowerCase(Locale.ROOT);
            if (!OPTIONS.contains(word) && !word.matches("connection limit -?[0-9]{1,9}")) {
                throw new PostgresException("bootstrap.users." + user.name() + ": unknown option \"" + option + "\"");
            }
            login |= word.endsWith("login");
            options.append(word.toUpperCase(Locale.ROOT)).append(' ');
        }
        return login ? options.toString().strip() : options + (user.password().isPresent() ? "LOGIN" : "NOLOGIN");
    }
}
