package io.matriarch.ha.config;

import io.matriarch.ha.config.MatriarchConfig.Role;
import io.matriarch.ha.tls.PemFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.TrustManager;

/** Reads {@code log}, {@code watchdog}, {@code ctl} and {@code matriarch}. */
final class SmallSections {

    private static final List<String> LEVELS =
            List.of("DEBUG", "INFO", "WARNING", "WARN", "ERROR", "CRITICAL", "FATAL", "NOTSET");
    private static final int DEFAULT_FILES = 4;
    private static final long DEFAULT_FILE_BYTES = 25_000_000;
    private static final int DEFAULT_SAFETY_MARGIN_S = 5;
    private static final int MANAGEMENT_OFFSET = 1982;
    private static final int HIGHEST_PORT = 65_535;

    private SmallSections() {}

    static LogConfig log(Section root) {
        try (Section section = root.section("log")) {
            Optional<Integer> mode =
                    section.parsed("mode", SmallSections::permissions, "octal permissions, for example 0644");
            section.accept(
                    "traceback_level",
                    "format",
                    "dateformat",
                    "static_fields",
                    "max_queue_size",
                    "deduplicate_heartbeat_logs");
            return new LogConfig(
                    section.choice("type", List.of("plain", "json")).orElse("plain"),
                    section.parsed(
                                    "level",
                                    text -> Optional.of(text.toUpperCase(Locale.ROOT))
                                            .filter(LEVELS::contains),
                                    String.join(", ", LEVELS))
                            .orElse("INFO"),
                    section.path("dir"),
                    mode,
                    section.whole("file_num", DEFAULT_FILES, 0, 10_000),
                    section.whole("file_size", "B", 1, Long.MAX_VALUE).orElse(DEFAULT_FILE_BYTES),
                    section.textMap("loggers"));
        }
    }

    /** YAML has read an unquoted 0644 as an octal number already; a quoted one is still text. */
    private static Optional<Integer> permissions(String text) {
        if (!text.matches("[0-9]{1,4}")) {
            return Optional.empty();
        }
        int mode = text.startsWith("0") && text.matches("[0-7]+") ? Integer.parseInt(text, 8) : Integer.parseInt(text);
        return Optional.of(mode).filter(value -> value <= 0777);
    }

    static WatchdogConfig watchdog(Section root) {
        try (Section section = root.section("watchdog")) {
            // Unquoted off is a boolean to YAML.
            WatchdogConfig.Mode mode = section.parsed("mode", SmallSections::watchdogMode, "off, automatic, required")
                    .orElse(WatchdogConfig.Mode.AUTOMATIC);
            section.accept("driver");
            if (mode == WatchdogConfig.Mode.REQUIRED) {
                section.warn(
                        "mode",
                        "Matriarch has no use for the watchdog device: the fence outside the JVM takes its place");
            }
            return new WatchdogConfig(
                    mode,
                    section.path("device").orElse(Path.of("/dev/watchdog")),
                    section.whole("safety_margin", DEFAULT_SAFETY_MARGIN_S, -1, 3_600));
        }
    }

    private static Optional<WatchdogConfig.Mode> watchdogMode(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "off", "false" -> Optional.of(WatchdogConfig.Mode.OFF);
            case "automatic" -> Optional.of(WatchdogConfig.Mode.AUTOMATIC);
            case "required" -> Optional.of(WatchdogConfig.Mode.REQUIRED);
            default -> Optional.empty();
        };
    }

    static CtlConfig ctl(Section root, Machine machine) {
        try (Section section = root.section("ctl")) {
            Optional<BasicCredentials> credentials;
            try (Section authentication = section.section("authentication")) {
                credentials = Options.credentials(authentication);
            }
            var ctl = new CtlConfig(
                    section.flag("insecure", false),
                    credentials,
                    RestApiReader.file(section, "cacert", machine),
                    RestApiReader.file(section, "certfile", machine),
                    RestApiReader.file(section, "keyfile", machine),
                    section.secret("keyfile_password"));
            usable(section, ctl, machine);
            return ctl;
        }
    }

    private static void usable(Section section, CtlConfig ctl, Machine machine) {
        boolean allThere = Stream.of(ctl.cacert(), ctl.certfile(), ctl.keyfile())
                .flatMap(Optional::stream)
                .allMatch(machine::isReadable);
        if (!machine.checks() || !allThere) {
            return;
        }
        try {
            PemFiles.client(ctl.proof(), ctl.cacert().map(PemFiles::authorities).orElse(new TrustManager[0]));
        } catch (IllegalArgumentException e) {
            section.error(
                    ctl.certfile().isPresent() ? "certfile" : "cacert",
                    e.getMessage() + "; allowed: PEM files that belong together");
        }
    }

    static MatriarchConfig matriarch(
            Section root, Optional<RestApiConfig> restapi, Machine machine, Map<String, String> environment) {
        try (Section section = root.section("matriarch")) {
            Set<Role> roles = roles(section);
            HostPort management = management(section, restapi);
            Optional<Duration> margin;
            try (Section fence = section.section("fence")) {
                margin = fence.whole("margin", "ms", 1, 3_600_000).map(Duration::ofMillis);
                margin.filter(value -> value.compareTo(DynamicConfig.LEAST_FENCE_MARGIN) < 0)
                        .ifPresent(
                                value -> fence.error(
                                        "margin",
                                        "is too short to stop PostgreSQL in; allowed: at least 500 (in ms, or with a unit: 1s)"));
            }
            section.section("manager");
            return new MatriarchConfig(
                    roles,
                    management,
                    margin,
                    BackupReader.backup(section, machine, environment),
                    JobStoreReader.read(section, machine, environment));
        }
    }

    private static Set<Role> roles(Section section) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String word : section.words("roles")) {
            switch (word.toLowerCase(Locale.ROOT)) {
                case "node" -> roles.add(Role.NODE);
                case "manager" -> roles.add(Role.MANAGER);
                default -> section.error("roles", "\"" + word + "\" is not allowed; allowed: node, manager");
            }
        }
        return roles.isEmpty() ? EnumSet.of(Role.NODE) : roles;
    }

    private static HostPort management(Section section, Optional<RestApiConfig> restapi) {
        int restPort = restapi.map(api -> api.listen().port()).orElse(1);
        try (Section management = section.section("management")) {
            Optional<HostPort> listen = management.hostPort("listen", 0);
            if (!management.has("listen") && restPort + MANAGEMENT_OFFSET > HIGHEST_PORT) {
                management.error(
                        "listen",
                        "is missing, and its default, restapi's port + " + MANAGEMENT_OFFSET + ", is above "
                                + HIGHEST_PORT + "; allowed: host:port");
            }
            listen.filter(address -> restapi.isPresent() && address.port() == restPort)
                    .ifPresent(address -> management.error(
                            "listen", "\"" + address + "\" has the port of restapi.listen; allowed: another port"));
            return listen.orElse(new HostPort("127.0.0.1", Math.min(restPort + MANAGEMENT_OFFSET, HIGHEST_PORT)));
        }
    }
}
