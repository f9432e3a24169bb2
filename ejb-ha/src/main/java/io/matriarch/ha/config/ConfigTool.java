package io.matriarch.ha.config;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Checks a configuration file from the shell, before anything is started or touched.
 *
 * <p>{@code validate FILE} says whether it is valid; {@code launch FILE} prints what the launcher needs to know, as lines
 * {@code KEY=value} with the bare value up to the end of the line: to be read line by line, never to be evaluated. No
 * value holds a control character. Problems and warnings go to standard error. Exit status: 0 valid, 2 not.
 */
public final class ConfigTool {

    static final int VALID = 0;
    static final int INVALID = 2;
    private static final String USAGE = "usage: ConfigTool validate [FILE] | launch [FILE]"
            + "    (FILE may be a directory of .yml files; without it, the variable PATRONI_CONFIGURATION is read)";

    private final PrintStream out;
    private final PrintStream err;
    private final ConfigLoader loader;

    ConfigTool(PrintStream out, PrintStream err, ConfigLoader loader) {
        this.out = out;
        this.err = err;
        this.loader = loader;
    }

    /** Ends the process with the exit status. */
    public static void main(String[] args) {
        System.exit(new ConfigTool(stream(FileDescriptor.out), stream(FileDescriptor.err), ConfigLoader.ofProcess())
                .run(List.of(args)));
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    int run(List<String> args) {
        if (args.isEmpty() || args.size() > 2 || !List.of("validate", "launch").contains(args.get(0))) {
            err.println(USAGE);
            return INVALID;
        }
        String file = args.size() == 2 ? args.get(1) : EnvironmentOverrides.WHOLE;
        try {
            ConfigLoader.Loaded loaded = args.size() == 2 ? loader.load(Path.of(file)) : loader.loadFromEnvironment();
            loaded.warnings().forEach(err::println);
            if (args.get(0).equals("validate")) {
                out.println(summary(file, loaded));
            } else {
                launch(loaded.config()).forEach((key, value) -> out.println(key + "=" + value));
            }
            return VALID;
        } catch (ConfigException e) {
            e.problems().forEach(err::println);
            long errors = e.problems().stream()
                    .filter(problem -> problem.severity() == Problem.Severity.ERROR)
                    .count();
            err.println(file + " is not valid: " + errors + (errors == 1 ? " problem" : " problems"));
            return INVALID;
        } catch (InvalidPathException e) {
            err.println("error: \"" + file + "\" is not a path");
            return INVALID;
        }
    }

    private static String summary(String file, ConfigLoader.Loaded loaded) {
        LocalConfig config = loaded.config();
        String etcd = config.etcd().endpoints().stream().map(Object::toString).collect(Collectors.joining(", "));
        String where = etcd.isEmpty() ? "SRV records of " + config.etcd().srv().orElse("") : etcd;
        String warnings = loaded.warnings().isEmpty()
                ? ""
                : " (" + loaded.warnings().size() + (loaded.warnings().size() == 1 ? " warning)" : " warnings)");
        return file + " is valid: member " + config.name() + " of cluster " + config.scope() + " (" + roles(config)
                + "), REST on " + config.restapi().listen()
                + config.postgresql().map(ConfigTool::postgresql).orElse("")
                + ", etcd at " + where + warnings;
    }

    private static String postgresql(PostgresConfig config) {
        return ", PostgreSQL on " + config.listen() + " in " + config.dataDir() + " with " + config.binDir();
    }

    private static String roles(LocalConfig config) {
        return config.matriarch().roles().stream()
                .sorted()
                .map(role -> role.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(","));
    }

    static Map<String, String> launch(LocalConfig config) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("MATRIARCH_NAME", config.name().value());
        values.put("MATRIARCH_SCOPE", config.scope().name());
        values.put("MATRIARCH_REST_ADDR", config.restapi().listen().bindable());
        values.put(
                "MATRIARCH_REST_PORT",
                Integer.toString(config.restapi().listen().port()));
        values.put("MATRIARCH_REST_TLS", Boolean.toString(config.restapi().tls().isPresent()));
        values.put("MATRIARCH_MGMT_ADDR", config.matriarch().management().bindable());
        values.put(
                "MATRIARCH_MGMT_PORT",
                Integer.toString(config.matriarch().management().port()));
        values.put("MATRIARCH_ROLES", roles(config));
        values.put(
                "MATRIARCH_DATA_DIR",
                config.postgresql().map(pg -> pg.dataDir().toString()).orElse(""));
        values.put("MATRIARCH_JOBS", config.matriarch().jobs().isPresent() ? "postgresql" : "file");
        return values;
    }
}
