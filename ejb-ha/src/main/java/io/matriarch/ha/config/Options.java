package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import io.matriarch.ha.config.Node.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the parts that occur in several sections: options for PostgreSQL's tools, scripts, credentials. */
final class Options {

    /** initdb options that the agent sets itself. */
    static final Set<String> INITDB_RESERVED = Set.of("pgdata", "nosync", "no-sync", "pwfile", "sync-only", "version");

    /** pg_basebackup options that the agent sets itself. */
    static final Set<String> BASEBACKUP_RESERVED = Set.of(
            "pgdata",
            "format",
            "wal-method",
            "xlog-method",
            "gzip",
            "version",
            "compress",
            "dbname",
            "host",
            "port",
            "username",
            "password");

    /** pg_rewind options that the agent sets itself. */
    static final Set<String> REWIND_RESERVED = Set.of(
            "target-pgdata",
            "source-pgdata",
            "source-server",
            "write-recovery-conf",
            "dry-run",
            "restore-target-wal",
            "config-file",
            "no-ensure-shutdown",
            "version",
            "help");

    private Options() {}

    /** A list of {@code name} and {@code name: value}, or a map of the same. */
    static List<ToolOption> tool(Section section, String key, Set<String> reserved) {
        List<ToolOption> options = new ArrayList<>();
        section.node(key).ifPresent(node -> {
            switch (node) {
                case Sequence sequence -> sequence.items().forEach(item -> add(section, key, item, options));
                case Mapping mapping -> add(section, key, mapping, options);
                case Scalar scalar -> section.error(key, "must be a list of options");
            }
        });
        List<ToolOption> allowed = new ArrayList<>();
        for (ToolOption option : options) {
            if (reserved.contains(option.name())) {
                section.warn(key, "the option \"" + option.name() + "\" is ignored: Matriarch sets it itself");
            } else {
                allowed.add(option);
            }
        }
        return allowed;
    }

    private static void add(Section section, String key, Node item, List<ToolOption> options) {
        switch (item) {
            case Scalar scalar -> addOne(section, key, scalar.text(), Optional.empty(), options);
            case Mapping mapping ->
                mapping.entries().forEach((name, value) -> {
                    if (value instanceof Scalar scalar) {
                        boolean isSwitch = scalar.isNull() || scalar.kind() == Node.Kind.FLAG;
                        if (!isSwitch) {
                            addOne(section, key, name, Optional.of(scalar.text()), options);
                        } else if (!scalar.text().equals("false")) {
                            addOne(section, key, name, Optional.empty(), options);
                        }
                    } else {
                        section.error(key, "the option \"" + name + "\" must have one value");
                    }
                });
            case Sequence sequence -> section.error(key, "each option must be \"name\" or \"name: value\"");
        }
    }

    private static void addOne(
            Section section, String key, String written, Optional<String> value, List<ToolOption> options) {
        String name = written.strip().replaceFirst("^--", "");
        int equals = name.indexOf('=');
        if (equals > 0 && value.isEmpty()) {
            addOne(section, key, name.substring(0, equals), Optional.of(name.substring(equals + 1)), options);
        } else if (name.matches("[A-Za-z][A-Za-z0-9-]*")) {
            options.add(new ToolOption(name, value));
        } else {
            section.error(
                    key, "\"" + written + "\" is not an option; allowed: \"name\" or \"name: value\", long names");
        }
    }

    /** The script of section {@code name}. */
    static Optional<ReplicaMethod> method(Section parent, String name) {
        if (!parent.has(name)) {
            parent.error(name, "is missing: a method of this name is asked for, and needs at least \"command\"");
            return Optional.empty();
        }
        Section section = parent.section(name);
        Optional<String> command = section.text("command");
        if (command.isEmpty()) {
            section.error("command", "is missing; the program to run, with its arguments");
            return Optional.empty();
        }
        boolean keepData = section.flag("keep_data", false);
        boolean noParams = section.flag("no_params", false);
        boolean noLeader = section.flag("no_leader", section.flag("no_master", false));
        boolean keepRecovery = section.flag("keep_existing_recovery_conf", false);
        section.accept("recovery_conf");
        Map<String, String> arguments = new LinkedHashMap<>();
        Set<String> ours = Set.of(
                "command",
                "keep_data",
                "no_params",
                "no_leader",
                "no_master",
                "keep_existing_recovery_conf",
                "recovery_conf");
        section.mapping().entries().forEach((key, value) -> {
            if (!ours.contains(key) && value instanceof Scalar scalar && !scalar.isNull()) {
                arguments.put(key, scalar.text());
            }
        });
        return Optional.of(
                new ReplicaMethod(name, command.get(), keepData, noParams, noLeader, keepRecovery, arguments));
    }

    /** {@code username} and {@code password}, both or neither. */
    static Optional<BasicCredentials> credentials(Section section) {
        Optional<String> username = section.text("username");
        Optional<Secret> password = section.secret("password");
        if (username.isPresent() != password.isPresent()) {
            section.error(
                    username.isPresent() ? "password" : "username", "is missing; username and password go together");
        }
        return username.flatMap(user -> password.map(secret -> new BasicCredentials(user, secret)));
    }
}
