package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.model.Tags;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Loads and checks a member's configuration. Reads files, changes nothing. */
public final class ConfigLoader {

    private static final String NAME_FORM = "[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}";
    private static final String SCOPE_FORM = "[A-Za-z0-9][A-Za-z0-9_.-]{0,127}";
    private static final String NAMESPACE_FORM = "[A-Za-z0-9_./-]*";
    private static final List<String> DYNAMIC_AT_TOP = DynamicConfig.knownKeys().stream()
            .filter(key -> !key.equals("postgresql") && !key.equals("matriarch"))
            .toList();

    private final Map<String, String> environment;
    private final Machine machine;

    private ConfigLoader(Map<String, String> environment, Machine machine) {
        this.environment = Map.copyOf(environment);
        this.machine = machine;
    }

    /** A loader for this machine with the process's environment. */
    public static ConfigLoader ofProcess() {
        return new ConfigLoader(System.getenv(), Machine.real());
    }

    static ConfigLoader of(Map<String, String> environment, Machine machine) {
        return new ConfigLoader(environment, machine);
    }

    /**
     * A configuration that can be used.
     *
     * @param config the configuration
     * @param warnings doubtful, but no reason not to start
     * @param tree the file with the environment over it, as written
     */
    public record Loaded(LocalConfig config, List<Problem> warnings, Mapping tree) {}

    /**
     * What a running agent takes of a file that it reads again.
     *
     * @param loaded what holds from now on
     * @param changed sections in which something changed
     * @param needRestart keys whose new values wait for a restart of the agent; the old ones hold
     */
    public record Reloaded(Loaded loaded, List<String> changed, List<String> needRestart) {}

    /**
     * Loads {@code path} again for an agent that runs with {@code running}.
     *
     * @throws ConfigException with all problems at once
     */
    public Reloaded reload(Path path, Loaded running) {
        Loaded read = load(path);
        ConfigReload plan = ConfigReload.of(running.tree(), read.tree());
        Loaded used = plan.needRestart().isEmpty() ? read : check(plan.tree(), path.toString(), new Problems());
        return new Reloaded(
                new Loaded(used.config(), read.warnings(), used.tree()), plan.changed(), plan.needRestart());
    }

    /**
     * Loads {@code path}: a file, or a directory whose {@code .yml} and {@code .yaml} files are merged in the order of
     * their names. Then lays the {@code PATRONI_*} environment over it and checks everything.
     *
     * @throws ConfigException with all problems at once
     */
    public Loaded load(Path path) {
        Problems problems = new Problems();
        Mapping merged = Mapping.EMPTY;
        for (Path file : files(path)) {
            merged = ConfigPatch.apply(
                    merged, mapping(Yaml.read(text(file), file.toString(), problems), file.toString()));
        }
        return check(merged, path.toString(), problems);
    }

    /**
     * Loads the configuration that the variable {@code PATRONI_CONFIGURATION} holds as a whole; the other variables then
     * count for nothing, as for Patroni.
     *
     * @throws ConfigException with all problems at once; also if there is no such variable
     */
    public Loaded loadFromEnvironment() {
        String source = EnvironmentOverrides.WHOLE;
        String whole = environment.getOrDefault(source, "");
        if (whole.isBlank()) {
            throw new ConfigException(
                    List.of(Problem.error(source, "is not set, and no file is named", Location.NOWHERE)));
        }
        return new ConfigLoader(Map.of(), machine).loadText(whole, source);
    }

    /** Checks a text as if it stood in a file named {@code source}. */
    Loaded loadText(String text, String source) {
        Problems problems = new Problems();
        return check(mapping(Yaml.read(text, source, problems), source), source, problems);
    }

    private static List<Path> files(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> children = Files.list(path)) {
            List<Path> files = children.filter(
                            file -> file.getFileName().toString().matches(".*\\.ya?ml") && Files.isRegularFile(file))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw unreadable(path, "this directory holds no .yml file");
            }
            return files;
        } catch (IOException e) {
            throw unreadable(path, "cannot be listed: " + e.getMessage());
        }
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > Yaml.SIZE_LIMIT) {
                throw unreadable(file, "is larger than " + Yaml.SIZE_LIMIT + " bytes");
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw unreadable(file, "does not exist");
        } catch (MalformedInputException e) {
            throw unreadable(file, "is not UTF-8 text");
        } catch (IOException e) {
            throw unreadable(file, "cannot be read: " + e.getMessage());
        }
    }

    private static ConfigException unreadable(Path file, String why) {
        return new ConfigException(List.of(Problem.error("", why, new Location(file.toString(), 0, 0))));
    }

    private static Mapping mapping(Node node, String source) {
        if (node instanceof Mapping mapping) {
            return mapping;
        }
        throw new ConfigException(
                List.of(Problem.error("", "must be a map (lines \"key: value\")", new Location(source, 1, 1))));
    }

    private Loaded check(Mapping file, String source, Problems problems) {
        Mapping placed = file.at().equals(Location.NOWHERE)
                ? new Mapping(file.entries(), file.keyAt(), new Location(source, 0, 0))
                : file;
        Mapping whole = EnvironmentOverrides.apply(placed, environment, problems);
        Section root = new Section("", whole, problems);
        Optional<Scope> scope = scope(root);
        Optional<MemberName> name = name(root);
        Optional<RestApiConfig> restapi = RestApiReader.read(root, machine);
        MatriarchConfig matriarch = SmallSections.matriarch(root, restapi, machine, environment);
        Optional<EtcdConfig> etcd = EtcdReader.read(root, machine);
        BootstrapConfig bootstrap = BootstrapReader.read(root, matriarch.fenceMargin());
        Section postgresSection = root.section("postgresql");
        boolean node = matriarch.roles().contains(MatriarchConfig.Role.NODE);
        Optional<PostgresConfig> postgresql =
                node ? new PostgresReader(postgresSection, machine).read() : Optional.empty();
        Optional<PostgresAccess> access =
                node ? postgresql.map(PostgresConfig::access) : managerAlone(root, postgresSection);
        postgresql.ifPresent(config -> PasswordCheck.check(postgresSection, config, bootstrap));
        Tags tags = TagsReader.read(root);
        LogConfig log = SmallSections.log(root);
        WatchdogConfig watchdog = SmallSections.watchdog(root);
        CtlConfig ctl = SmallSections.ctl(root, machine);
        ports(restapi, matriarch, postgresql, postgresSection);
        postgresql.ifPresent(own -> ownRecords(matriarch, own, root));
        etcd.ifPresent(store -> loopback(store, restapi, postgresql, root));
        top(root);
        if (problems.hasErrors()
                || scope.isEmpty()
                || name.isEmpty()
                || restapi.isEmpty()
                || etcd.isEmpty()
                || node && postgresql.isEmpty()) {
            throw new ConfigException(problems.sorted());
        }
        return new Loaded(
                new LocalConfig(
                        scope.get(),
                        name.get(),
                        restapi.get(),
                        etcd.get(),
                        postgresql,
                        access,
                        bootstrap,
                        tags,
                        log,
                        watchdog,
                        ctl,
                        matriarch,
                        postgresSection.mapping()),
                problems.warnings(),
                whole);
    }

    private Optional<PostgresAccess> managerAlone(Section root, Section postgresSection) {
        if (!root.has("postgresql")) {
            root.warn(
                    "postgresql",
                    "is missing: this manager cannot log in anywhere and takes no backups; allowed: authentication,"
                            + " bin_dir, database");
            return Optional.empty();
        }
        return new PostgresReader(postgresSection, machine).access();
    }

    /** Each member is promoted one day, and then its records would depend on what the jobs are to save. */
    private static void ownRecords(MatriarchConfig matriarch, PostgresConfig own, Section root) {
        matriarch
                .jobs()
                .filter(store -> store.address().equals(own.connectAddress()))
                .ifPresent(store -> {
                    try (var jobs = root.section("matriarch").section("jobs").section("repository")) {
                        jobs.accept(jobs.keys().toArray(String[]::new));
                        jobs.error(
                                "address",
                                "\"" + store.address() + "\" is this member of the managed cluster itself;"
                                        + " allowed: a PostgreSQL outside of it");
                    }
                });
    }

    private static void top(Section root) {
        root.accept("thread_pool_size", "thread_stack_size", "citus");
        if (root.has("citus")) {
            root.warn("citus", "is ignored: Citus is not supported");
        }
        for (String key : DYNAMIC_AT_TOP) {
            if (root.has(key)) {
                root.warn(
                        key,
                        "is ignored here: it belongs to the whole cluster; put it into bootstrap.dcs,"
                                + " or change it with patronictl edit-config");
            }
        }
        root.close();
    }

    private static Optional<Scope> scope(Section root) {
        Optional<String> namespace = root.parsed(
                "namespace",
                text -> Optional.of(text).filter(t -> t.length() < 200 && t.matches(NAMESPACE_FORM)),
                "letters, digits and _ . - with slashes between them");
        if (root.text("scope").isEmpty()) {
            root.error("scope", "is missing; the cluster's name, the same on all members");
            return Optional.empty();
        }
        return root.parsed(
                        "scope",
                        text -> Optional.of(text).filter(t -> t.matches(SCOPE_FORM)),
                        "letters, digits and _ . - (it is part of a key in etcd)")
                .map(text -> new Scope(namespace.orElse("service"), text));
    }

    private static Optional<MemberName> name(Section root) {
        if (root.text("name").isEmpty()) {
            root.error("name", "is missing; this member's name, unique in the cluster");
            return Optional.empty();
        }
        return root.parsed(
                        "name",
                        text -> Optional.of(text).filter(t -> t.matches(NAME_FORM)),
                        "letters, digits and _ . : - (it is part of a key in etcd)")
                .map(MemberName::new);
    }

    /** Two listeners on one port: the second would fail only after PostgreSQL had been started. */
    private static void ports(
            Optional<RestApiConfig> restapi,
            MatriarchConfig matriarch,
            Optional<PostgresConfig> postgresql,
            Section section) {
        if (restapi.isEmpty() || postgresql.isEmpty()) {
            return;
        }
        int port = postgresql.get().listen().port();
        if (port == restapi.get().listen().port()) {
            section.error("listen", "has the port " + port + " of restapi.listen; allowed: another port");
        } else if (port == matriarch.management().port()) {
            section.error("listen", "has the port " + port + " of matriarch.management.listen; allowed: another port");
        }
    }

    /** Members that announce a loopback address while etcd is elsewhere would never find each other. */
    private static void loopback(
            EtcdConfig etcd, Optional<RestApiConfig> restapi, Optional<PostgresConfig> postgresql, Section root) {
        boolean remote = etcd.srv().isPresent()
                || etcd.endpoints().stream()
                        .anyMatch(uri -> uri.getHost() == null
                                || !new HostPort(uri.getHost().replaceAll("[\\[\\]]", ""), 1).isLoopback());
        if (!remote) {
            return;
        }
        String why = "is a loopback address, which other machines cannot reach";
        restapi.filter(api -> api.connectAddress().isLoopback())
                .ifPresent(api -> root.section("restapi").warn("connect_address", why));
        postgresql
                .filter(pg -> pg.connectAddress().isLoopback())
                .ifPresent(pg -> root.section("postgresql").warn("connect_address", why));
    }
}
