package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.config.PostgresUser;
import io.matriarch.ha.config.Secret;
import io.matriarch.ha.model.Upstream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** libpq connection strings. They hold no password: that is in the password file. */
final class ConnectionString {
    private static final String SERVICE = "matriarch";
    private static final int GSSENCMODE_SINCE = 12;
    private static final int CHANNEL_BINDING_SINCE = 13;
    private static final int DBNAME_OF_REPLICATION_SINCE = 17;

    private ConnectionString() {}

    /** {@code primary_conninfo} of a replica, the same parameters as Patroni's and what ends a dead connection soon. */
    static String ofReplica(PostgresSettings settings, Upstream upstream) {
        Map<String, String> parameters =
                base(settings, settings.config().authentication().replication(), upstream);
        parameters.put("application_name", settings.local().name().value());
        if (settings.majorVersion() >= DBNAME_OF_REPLICATION_SINCE) {
            parameters.put("dbname", settings.config().database());
        }
        // The passphrase of a client key has no place in a password file; postgresql.conf is readable by its owner
        // only.
        settings.config()
                .authentication()
                .replication()
                .sslPassword()
                .map(Secret::reveal)
                .ifPresent(passphrase -> parameters.put("sslpassword", passphrase));
        return join(parameters);
    }

    /** For pg_basebackup's command line: without a passphrase, which {@link #serviceFile} holds. */
    static String ofBaseBackup(PostgresSettings settings, Upstream source) {
        Map<String, String> parameters =
                base(settings, settings.config().authentication().replication(), source);
        parameters.put("application_name", settings.local().name().value() + " clone");
        service(parameters, settings.config().authentication().replication());
        return join(parameters);
    }

    /** For pg_rewind's command line: an ordinary session on a primary; without a passphrase, which {@link #serviceFile} holds. */
    static String ofRewind(PostgresSettings settings, Upstream leader) {
        Map<String, String> parameters =
                base(settings, settings.config().authentication().rewind(), leader);
        parameters.put("application_name", settings.local().name().value() + " rewind");
        service(parameters, settings.config().authentication().rewind());
        parameters.put("dbname", settings.config().database());
        parameters.put("target_session_attrs", "read-write");
        return join(parameters);
    }

    /** The text of a connection service file that gives programs the passphrase of {@code user}'s key; empty without one. */
    static Optional<String> serviceFile(PostgresUser user) {
        return user.sslPassword().map(Secret::reveal).map(text -> "[" + SERVICE + "]\nsslpassword=" + text + "\n");
    }

    private static Map<String, String> base(PostgresSettings settings, PostgresUser user, Upstream upstream) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", user.username());
        parameters.put("passfile", settings.passwordFile().toString());
        parameters.put("host", upstream.host());
        parameters.put("port", Integer.toString(upstream.port()));
        parameters.put("sslmode", "prefer");
        if (settings.majorVersion() >= GSSENCMODE_SINCE) {
            parameters.put("gssencmode", "prefer");
        }
        if (settings.majorVersion() >= CHANNEL_BINDING_SINCE) {
            parameters.put("channel_binding", "prefer");
        }
        parameters.putAll(user.connection());
        settings.config().krbsrvname().ifPresent(name -> parameters.put("krbsrvname", name));
        // A silent peer is given up within seconds, not after TCP's two hours.
        parameters.put("connect_timeout", "5");
        parameters.put("keepalives_idle", "5");
        parameters.put("keepalives_interval", "2");
        parameters.put("keepalives_count", "3");
        parameters.put("tcp_user_timeout", "10000");
        return parameters;
    }

    private static void service(Map<String, String> parameters, PostgresUser user) {
        if (user.sslPassword().isPresent()) {
            parameters.put("service", SERVICE);
        }
    }

    private static String join(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + "=" + Quoting.connection(parameter.getValue()))
                .collect(Collectors.joining(" "));
    }

    /** The parameters of a {@code key=value} connection string; empty when it has another form. */
    static Optional<Map<String, String>> parse(String text) {
        Map<String, String> parameters = new LinkedHashMap<>();
        int i = 0;
        while (i < text.length()) {
            if (Character.isWhitespace(text.charAt(i))) {
                i++;
                continue;
            }
            int equals = text.indexOf('=', i);
            if (equals < 0) {
                return Optional.empty();
            }
            String key = text.substring(i, equals).strip();
            var value = new StringBuilder();
            i = equals + 1;
            while (i < text.length() && Character.isWhitespace(text.charAt(i))) {
                i++;
            }
            boolean quoted = i < text.length() && text.charAt(i) == '\'';
            i += quoted ? 1 : 0;
            while (i < text.length() && (quoted ? text.charAt(i) != '\'' : !Character.isWhitespace(text.charAt(i)))) {
                i += text.charAt(i) == '\\' && i + 1 < text.length() ? 1 : 0;
                value.append(text.charAt(i++));
            }
            i += quoted ? 1 : 0;
            parameters.put(key, value.toString());
        }
        return Optional.of(parameters);
    }
}
