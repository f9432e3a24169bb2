package io.matriarch.ha.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads section {@code postgresql}, of the file alone or with the dynamic configuration below it. */
final class PostgresReader {

    private static final List<String> PROGRAMS =
            List.of("pg_ctl", "initdb", "pg_controldata", "pg_basebackup", "postgres", "pg_isready", "pg_rewind");
    private static final List<String> CALLBACKS =
            List.of("on_start", "on_stop", "on_restart", "on_reload", "on_role_change");
    private static final int DEFAULT_PORT = 5432;
    private static final int DEFAULT_PG_CTL_TIMEOUT_S = 60;

    private final Section section;
    private final Machine machine;

    PostgresReader(Section section, Machine machine) {
        this.section = section;
        this.machine = machine;
    }

    /** The whole section; empty if one of its indispensable values is missing or wrong. All problems are reported. */
    Optional<PostgresConfig> read() {
        Optional<ListenAddress> listen = listen();
        Optional<HostPort> connect = connectAddress(section, "connect_address", DEFAULT_PORT, listen);
        Optional<HostPort> proxy = section.hostPort("proxy_address", DEFAULT_PORT);
        Optional<Path> dataDir = dataDir();
        Map<String, String> binNames = binNames();
        Optional<Path> binDir = binDir(dataDir, binNames.getOrDefault("postgres", "postgres"));
        PostgresAuthentication authentication = new AuthenticationReader(section).read();
        List<String> methods = section.has("create_replica_methods")
                ? section.words("create_replica_methods")
                : section.has("create_replica_method") ? section.words("create_replica_method") : List.of("basebackup");
        section.accept("create_replica_method", "name", "maximum_lag_on_failover", "retry_timeout");
        section.accept("use_slots");
        Optional<PostgresConfig> config = Optional.empty();
        Map<String, ReplicaMethod> replicaMethods = replicaMethods(methods);
        List<ToolOption> basebackup = Options.tool(section, "basebackup", Options.BASEBACKUP_RESERVED);
        List<ToolOption> rewind = Options.tool(section, "rewind", Options.REWIND_RESERVED);
        Rest rest = rest();
        if (listen.isPresent() && connect.isPresent() && dataDir.isPresent() && binDir.isPresent()) {
            config = Optional.of(new PostgresConfig(
                    listen.get(),
                    connect.get(),
                    proxy,
                    dataDir.get(),
                    section.path("config_dir").map(dataDir.get()::resolve).orElse(dataDir.get()),
                    section.text("config_base_name").orElse("postgresql"),
                    binDir.get(),
                    binNames,
                    section.path("pgpass"),
                    section.text("database").orElse("postgres"),
                    section.flag("use_unix_socket", false),
                    section.flag("use_unix_socket_repl", false),
                    section.text("krbsrvname"),
                    authentication,
                    rest.parameters,
                    rest.pgHba,
                    rest.pgIdent,
                    rest.recoveryConf,
                    rest.customConf,
                    section.flag("use_pg_rewind", false),
                    section.flag("remove_data_directory_on_rewind_failure", false),
                    section.flag("remove_data_directory_on_diverged_timelines", false),
                    methods,
                    replicaMethods,
                    basebackup,
                    rewind,
                    rest.callbacks,
                    section.text("pre_promote"),
                    section.text("before_stop"),
                    rest.timeout));
        }
        section.accept(
                "config_dir",
                "config_base_name",
                "pgpass",
                "database",
                "use_unix_socket",
                "use_unix_socket_repl",
                "krbsrvname",
                "use_pg_rewind",
                "remove_data_directory_on_rewind_failure",
                "remove_data_directory_on_diverged_timelines",
                "pre_promote",
                "before_stop");
        section.close();
        return config;
    }

    /** What a manager alone needs; the rest may stand there too, so that all machines can have one file. */
    Optional<PostgresAccess> access() {
        Map<String, String> binNames = binNames();
        Optional<Path> binDir = binDir(Optional.empty(), binNames.getOrDefault("postgres", "postgres"));
        PostgresAuthentication authentication = new AuthenticationReader(section).read();
        String database = section.text("database").orElse("postgres");
        return binDir.map(bin -> new PostgresAccess(bin, binNames, database, authentication));
    }

    private record Rest(
            Map<String, String> parameters,
            List<String> pgHba,
            List<String> pgIdent,
            Map<String, String> recoveryConf,
            Optional<Path> customConf,
            Map<String, String> callbacks,
            Duration timeout) {}

    private Rest rest() {
        int timeout = section.whole("pg_ctl_timeout", "s", 1, 86_400)
                .map(Math::toIntExact)
                .orElse(DEFAULT_PG_CTL_TIMEOUT_S);
        return new Rest(
                section.textMap("parameters"),
                section.texts("pg_hba"),
                section.texts("pg_ident"),
                section.textMap("recovery_conf"),
                section.path("custom_conf"),
                callbacks(),
                Duration.ofSeconds(timeout));
    }

    private Map<String, String> callbacks() {
        Map<String, String> callbacks = new HashMap<>();
        try (Section inner = section.section("callbacks")) {
            CALLBACKS.forEach(name -> inner.text(name).ifPresent(command -> callbacks.put(name, command)));
        }
        return callbacks;
    }

    private Map<String, String> binNames() {
        Map<String, String> names = new HashMap<>();
        try (Section inner = section.section("bin_name")) {
            PROGRAMS.forEach(name -> inner.parsed(
                            name,
                            text -> Optional.of(text).filter(t -> t.matches("[A-Za-z0-9_.+-]+")),
                            "a file name without a directory")
                    .ifPresent(own -> names.put(name, own)));
        }
        return names;
    }

    private Map<String, ReplicaMethod> replicaMethods(List<String> names) {
        Map<String, ReplicaMethod> methods = new LinkedHashMap<>();
        for (String name : names) {
            if (!name.equals("basebackup")) {
                Options.method(section, name).ifPresent(method -> methods.put(name, method));
            }
        }
        return methods;
    }

    private Optional<ListenAddress> listen() {
        if (!section.has("listen")) {
            section.error("listen", "is missing; allowed: host:port, for example 0.0.0.0:5432");
            return Optional.empty();
        }
        return section.parsed(
                "listen",
                text -> ListenAddress.parse(text, DEFAULT_PORT),
                "host[,host...]:port, the port from 1 to 65535");
    }

    /** An address that others connect to; by default the one that is listened on, if others can use that. */
    static Optional<HostPort> connectAddress(
            Section section, String key, int defaultPort, Optional<ListenAddress> listen) {
        if (!section.has(key)) {
            return listen.map(ListenAddress::first).filter(address -> {
                if (address.isAnyAddress()) {
                    section.error(
                            key,
                            "is missing, and " + address.host()
                                    + " of listen tells others nothing; allowed: host:port that the other members reach");
                }
                return !address.isAnyAddress();
            });
        }
        return section.hostPort(key, defaultPort).filter(address -> {
            if (address.isAnyAddress()) {
                section.error(
                        key,
                        "\"" + address + "\" cannot be connected to; allowed: host:port that the other members reach");
            }
            return !address.isAnyAddress();
        });
    }

    private Optional<Path> dataDir() {
        if (!section.has("data_dir")) {
            section.error("data_dir", "is missing; allowed: an absolute path, for example /var/lib/postgresql/15/main");
            return Optional.empty();
        }
        return section.absolutePath("data_dir").filter(path -> {
            String wrong = path.toString().chars().anyMatch(Character::isISOControl)
                    ? "holds a control character"
                    : path.getNameCount() == 0
                            ? "is the root of the file system; allowed: a directory of its own"
                            : machine.isFileOfOtherKind(path) ? "\"" + path + "\" exists and is not a directory" : "";
            if (!wrong.isEmpty()) {
                section.error("data_dir", wrong);
            }
            return wrong.isEmpty();
        });
    }

    private Optional<Path> binDir(Optional<Path> dataDir, String postgres) {
        if (section.has("bin_dir") && section.text("bin_dir").isPresent()) {
            return section.absolutePath("bin_dir").filter(bin -> {
                boolean found = machine.hasProgram(bin, postgres);
                if (!found) {
                    section.error(
                            "bin_dir",
                            "\"" + bin + "\" holds no program \"" + postgres
                                    + "\"; allowed: the directory of PostgreSQL's programs, or nothing to have it found");
                }
                return found;
            });
        }
        Optional<Path> found = machine.findBinDir(dataDir.orElse(Path.of("/nonexistent")), postgres);
        if (found.isEmpty()) {
            section.error(
                    "bin_dir",
                    "is not set, and PostgreSQL's programs were found neither in"
                            + " /usr/lib/postgresql/*/bin nor on the PATH; allowed: the directory that holds \""
                            + postgres + "\"");
        }
        return found;
    }

    /** Keys of the section that the dynamic configuration cannot set: they belong to one machine. */
    static final Set<String> LOCAL_ONLY = Set.of(
            "connect_address",
            "proxy_address",
            "listen",
            "config_dir",
            "data_dir",
            "pgpass",
            "authentication",
            "bin_dir",
            "bin_name");
}
