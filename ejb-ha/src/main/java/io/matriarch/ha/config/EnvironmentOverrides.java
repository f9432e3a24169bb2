package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Kind;
import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import io.matriarch.ha.config.Node.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** {@code PATRONI_*} variables, laid over the file as Patroni does it. Empty variables count as absent. */
final class EnvironmentOverrides {

    static final String PREFIX = "PATRONI_";

    /** Holds a whole configuration; read only if no file is named. */
    static final String WHOLE = "PATRONI_CONFIGURATION";

    private enum Form {
        TEXT,
        LIST,
        MAP
    }

    private record Target(List<String> path, Form form) {}

    private static final Map<String, Target> TARGETS = targets();

    private EnvironmentOverrides() {}

    /** {@code file} with all variables of {@code environment} laid over it. */
    static Mapping apply(Mapping file, Map<String, String> environment, Problems problems) {
        Mapping result = file;
        for (Map.Entry<String, String> entry : new TreeMap<>(environment).entrySet()) {
            String variable = entry.getKey();
            if (!variable.startsWith(PREFIX)
                    || variable.equals(WHOLE)
                    || entry.getValue().isEmpty()) {
                continue;
            }
            Target target = TARGETS.get(variable.substring(PREFIX.length()));
            Location at = Location.ofVariable(variable);
            if (target == null) {
                warnUnknown(variable, problems, at);
            } else {
                result = set(result, target.path, value(entry.getValue(), target.form, variable, problems));
            }
        }
        return result;
    }

    private static void warnUnknown(String variable, Problems problems, Location at) {
        String name = variable.substring(PREFIX.length());
        if (name.matches("(CONSUL|ZOOKEEPER|EXHIBITOR|KUBERNETES|RAFT|CITUS)_.*")) {
            problems.warn(variable, "is ignored: Matriarch coordinates on etcd", at);
            return;
        }
        problems.warn(
                variable,
                "is not known and is ignored"
                        + NearestKey.of(name, TARGETS.keySet())
                                .map(near -> "; did you mean \"" + PREFIX + near + "\"?")
                                .orElse(""),
                at);
    }

    private static Mapping set(Mapping mapping, List<String> path, Node value) {
        String key = path.get(0);
        if (path.size() == 1) {
            return mapping.with(key, value);
        }
        return mapping.with(key, set(mapping.mapping(key), path.subList(1, path.size()), value));
    }

    private static Node value(String text, Form form, String variable, Problems problems) {
        Location at = Location.ofVariable(variable);
        if (form == Form.TEXT) {
            return new Scalar(Kind.TEXT, text, at);
        }
        String stripped = text.strip();
        String yaml = stripped;
        if (form == Form.LIST && !stripped.startsWith("-") && !stripped.contains("[")) {
            yaml = "[" + stripped + "]";
        } else if (form == Form.MAP && !stripped.startsWith("{")) {
            yaml = "{" + stripped + "}";
        }
        try {
            return moved(Yaml.read(yaml, variable, problems), at);
        } catch (ConfigException e) {
            problems.error(
                    variable,
                    "is not " + (form == Form.LIST ? "a list" : "a map") + " in YAML; allowed: "
                            + (form == Form.LIST ? "a, b" : "{a: b, c: d}"),
                    at);
            return Scalar.NULL;
        }
    }

    private static Node moved(Node node, Location at) {
        return switch (node) {
            case Scalar scalar -> new Scalar(scalar.kind(), scalar.text(), at);
            case Sequence sequence ->
                new Sequence(
                        sequence.items().stream().map(item -> moved(item, at)).toList(), at);
            case Mapping mapping -> {
                Map<String, Node> entries = new LinkedHashMap<>();
                Map<String, Location> places = new LinkedHashMap<>();
                mapping.entries().forEach((key, value) -> {
                    entries.put(key, moved(value, at));
                    places.put(key, at);
                });
                yield new Mapping(entries, places, at);
            }
        };
    }

    private static Map<String, Target> targets() {
        Map<String, Target> targets = new TreeMap<>();
        group(targets, "", List.of(), "NAME NAMESPACE SCOPE THREAD_POOL_SIZE THREAD_STACK_SIZE");
        group(
                targets,
                "LOG_",
                List.of("log"),
                "TYPE LEVEL TRACEBACK_LEVEL FORMAT DATEFORMAT STATIC_FIELDS MAX_QUEUE_SIZE DIR MODE FILE_SIZE FILE_NUM"
                        + " LOGGERS DEDUPLICATE_HEARTBEAT_LOGS");
        group(
                targets,
                "RESTAPI_",
                List.of("restapi"),
                "LISTEN CONNECT_ADDRESS CERTFILE KEYFILE KEYFILE_PASSWORD CAFILE CIPHERS VERIFY_CLIENT HTTP_EXTRA_HEADERS"
                        + " HTTPS_EXTRA_HEADERS ALLOWLIST ALLOWLIST_INCLUDE_MEMBERS REQUEST_QUEUE_SIZE SERVER_TOKENS");
        group(targets, "RESTAPI_", List.of("restapi", "authentication"), "USERNAME PASSWORD");
        group(targets, "CTL_", List.of("ctl"), "INSECURE CACERT CERTFILE KEYFILE KEYFILE_PASSWORD");
        group(targets, "CTL_", List.of("ctl", "authentication"), "USERNAME PASSWORD");
        group(
                targets,
                "POSTGRESQL_",
                List.of("postgresql"),
                "LISTEN CONNECT_ADDRESS PROXY_ADDRESS CONFIG_DIR DATA_DIR PGPASS BIN_DIR");
        group(
                targets,
                "POSTGRESQL_BIN_",
                List.of("postgresql", "bin_name"),
                "PG_CTL INITDB PG_CONTROLDATA PG_BASEBACKUP POSTGRES PG_ISREADY PG_REWIND");
        for (String user : List.of("SUPERUSER", "REPLICATION", "REWIND")) {
            group(
                    targets,
                    user + "_",
                    List.of("postgresql", "authentication", user.toLowerCase(Locale.ROOT)),
                    "USERNAME PASSWORD SSLMODE SSLKEY SSLPASSWORD SSLCERT SSLROOTCERT SSLCRL SSLCRLDIR GSSENCMODE"
                            + " CHANNEL_BINDING SSLNEGOTIATION");
        }
        for (String store : List.of("ETCD", "ETCD3")) {
            group(
                    targets,
                    store + "_",
                    List.of(store.toLowerCase(Locale.ROOT)),
                    "HOST HOSTS PORT USE_PROXIES PROTOCOL SRV SRV_SUFFIX URL PROXY CACERT CERT KEY USERNAME PASSWORD");
        }
        targets.put("LOGLEVEL", new Target(List.of("log", "level"), Form.TEXT));
        targets.put("LOGFORMAT", new Target(List.of("log", "format"), Form.TEXT));
        targets.put("LOG_DATEFMT", new Target(List.of("log", "dateformat"), Form.TEXT));
        targets.put("POSTGRESQL_BIN_IS_READY", new Target(List.of("postgresql", "bin_name", "pg_isready"), Form.TEXT));
        return Map.copyOf(targets);
    }

    private static void group(Map<String, Target> targets, String prefix, List<String> section, String names) {
        Set<String> lists = Set.of("HOSTS", "ALLOWLIST");
        Set<String> maps = Set.of("LOGGERS", "STATIC_FIELDS", "HTTP_EXTRA_HEADERS", "HTTPS_EXTRA_HEADERS");
        for (String name : names.split(" ")) {
            List<String> path = new ArrayList<>(section);
            path.add(name.toLowerCase(Locale.ROOT));
            Form form = lists.contains(name) ? Form.LIST : maps.contains(name) ? Form.MAP : Form.TEXT;
            targets.put(prefix + name, new Target(List.copyOf(path), form));
        }
    }
}
