package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads section {@code bootstrap} and checks the dynamic configuration in it. */
final class BootstrapReader {

    private static final List<ToolOption> DEFAULT_INITDB = List.of(
            new ToolOption("encoding", Optional.of("UTF8")), new ToolOption("data-checksums", Optional.empty()));

    private BootstrapReader() {}

    static BootstrapConfig read(Section root, Optional<Duration> fenceMargin) {
        try (Section section = root.section("bootstrap")) {
            String method = section.text("method").orElse("initdb");
            Map<String, ReplicaMethod> methods = new HashMap<>();
            if (!method.equals("initdb")) {
                Options.method(section, method).ifPresent(script -> methods.put(method, script));
            }
            List<ToolOption> initdb =
                    section.has("initdb") ? Options.tool(section, "initdb", Options.INITDB_RESERVED) : DEFAULT_INITDB;
            Mapping dcs = section.section("dcs").mapping();
            checkDcs(section.section("dcs"), fenceMargin);
            Optional<String> post = section.text("post_bootstrap").or(() -> section.text("post_init"));
            section.accept("post_init");
            return new BootstrapConfig(dcs, method, methods, initdb, section.texts("pg_hba"), users(section), post);
        }
    }

    private static Map<String, BootstrapConfig.User> users(Section bootstrap) {
        Map<String, BootstrapConfig.User> users = new HashMap<>();
        Section section = bootstrap.section("users");
        for (String name : section.keys()) {
            try (Section user = section.section(name)) {
                users.put(name, new BootstrapConfig.User(name, user.secret("password"), user.words("options")));
            }
        }
        return users;
    }

    /**
     * Stricter than what etcd's value is read with: here somebody is looking, and nothing runs yet.
     */
    static void checkDcs(Section section, Optional<Duration> fenceMargin) {
        int before = section.problems().sorted().size();
        DynamicKeys.WHOLE.forEach((key, rule) -> {
            section.whole(
                    key, rule.unit(), rule.least(), key.startsWith("maximum_lag") ? Long.MAX_VALUE : Integer.MAX_VALUE);
            section.accept(key);
        });
        DynamicKeys.FLAGS.forEach(section::flag);
        section.parsed(
                "synchronous_mode",
                text -> text.equalsIgnoreCase("quorum") || Units.flag(text).isPresent()
                        ? Optional.of(text)
                        : Optional.empty(),
                "off, on, quorum");
        section.accept(DynamicConfig.knownKeys().toArray(String[]::new));
        try (Section standby = section.section("standby_cluster")) {
            standby.accept(DynamicKeys.STANDBY_CLUSTER.toArray(String[]::new));
            standby.parsed("port", text -> HostPort.parse("host:" + text, 0), "a port from 1 to 65535");
        }
        DynamicKeys.SLOT_KEYS.forEach(section::section);
        if (section.has("ignore_slots")
                && !(section.node("ignore_slots").orElse(Scalar.NULL) instanceof Node.Sequence)) {
            section.error("ignore_slots", "must be a list");
        }
        checkPostgres(section.section("postgresql"));
        section.close();
        if (section.problems().sorted().size() == before) {
            DynamicConfig.check(InitialConfig.tree(section.mapping()), fenceMargin)
                    .notes()
                    .forEach(note -> section.problems()
                            .warn(
                                    section.dotted(note.key()),
                                    "\"" + note.stored() + "\" cannot hold, " + note.used() + " will be used: "
                                            + note.why(),
                                    section.locate(note.key())));
        }
    }

    private static void checkPostgres(Section section) {
        if (section.isEmpty()) {
            return;
        }
        Set<String> methods = new HashSet<>(section.words("create_replica_methods"));
        methods.forEach(section::accept);
        for (String key : PostgresReader.LOCAL_ONLY) {
            if (section.has(key)) {
                section.warn(key, "is ignored here: it belongs to one machine; put it into section postgresql");
            }
        }
        List.of(
                        "use_slots",
                        "use_pg_rewind",
                        "remove_data_directory_on_rewind_failure",
                        "remove_data_directory_on_diverged_timelines",
                        "use_unix_socket",
                        "use_unix_socket_repl")
                .forEach(section::flag);
        section.whole("pg_ctl_timeout", "s", 1, 86_400);
        section.texts("pg_hba");
        section.texts("pg_ident");
        section.textMap("recovery_conf");
        section.textMap("parameters").forEach((name, value) -> {
            Gucs.Owned owned = name.equals(Gucs.WAL_KEEP_SIZE)
                    ? Gucs.KEEP_SIZE
                    : name.equals(Gucs.WAL_KEEP_SEGMENTS) ? Gucs.KEEP_SEGMENTS : Gucs.COMMAND_LINE.get(name);
            if (owned != null && owned.accept(value).isEmpty()) {
                section.section("parameters")
                        .error(name, "\"" + value + "\" is not allowed; allowed: " + owned.allowed());
            }
        });
        Options.tool(section, "basebackup", Options.BASEBACKUP_RESERVED);
        Options.tool(section, "rewind", Options.REWIND_RESERVED);
        section.accept(
                "callbacks", "custom_conf", "config_base_name", "database", "krbsrvname", "pre_promote", "before_stop");
        section.close();
    }
}
