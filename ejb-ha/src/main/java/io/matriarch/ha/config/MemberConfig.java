package io.matriarch.ha.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The member's own configuration as it holds now: read when the agent starts, read again when somebody asks for a reload. Thread safe.
 */
public final class MemberConfig {
    /** What the agent has built itself upon, and would have to be started anew for. */
    private static final Map<String, Function<LocalConfig, Object>> FIXED = new LinkedHashMap<>();

    static {
        FIXED.put("name", LocalConfig::name);
        FIXED.put("scope", LocalConfig::scope);
        FIXED.put("etcd3", LocalConfig::etcd);
        FIXED.put("restapi.listen", c -> c.restapi().listen());
        FIXED.put("restapi.connect_address", c -> c.restapi().connectAddress());
        // Both sides of it: what is asked for here and what is shown to others.
        FIXED.put("restapi.authentication", c -> c.restapi().authentication());
        FIXED.put("restapi.certfile and its like", c -> c.restapi().tls());
        FIXED.put("ctl", LocalConfig::ctl);
        FIXED.put("matriarch", LocalConfig::matriarch);
        FIXED.put("postgresql.listen", ofNode(PostgresConfig::listen));
        FIXED.put("postgresql.connect_address", ofNode(PostgresConfig::connectAddress));
        FIXED.put("postgresql.proxy_address", ofNode(PostgresConfig::proxyAddress));
        FIXED.put("postgresql.data_dir", ofNode(PostgresConfig::dataDir));
        FIXED.put("postgresql.config_dir", ofNode(PostgresConfig::configDir));
        FIXED.put("postgresql.config_base_name", ofNode(PostgresConfig::configBaseName));
        FIXED.put("postgresql.bin_dir", ofNode(PostgresConfig::binDir));
        FIXED.put("postgresql.bin_name", ofNode(PostgresConfig::binNames));
        FIXED.put("postgresql.pgpass", ofNode(PostgresConfig::pgpass));
        FIXED.put("postgresql.database", ofNode(PostgresConfig::database));
        FIXED.put("postgresql.authentication", ofNode(PostgresConfig::authentication));
    }

    private final Supplier<LocalConfig> source;
    private final List<Consumer<LocalConfig>> users = new ArrayList<>();
    private volatile LocalConfig now;

    /**
     * Reads the file. Blocks for that.
     *
     * @param source reads it; throws {@link ConfigException} when it cannot be used
     */
    public MemberConfig(Supplier<LocalConfig> source) {
        this.now = source.get();
        this.source = source;
    }

    private static Function<LocalConfig, Object> ofNode(Function<PostgresConfig, Object> value) {
        return config -> config.postgresql().map(value);
    }

    /** What holds now. */
    public LocalConfig now() {
        return now;
    }

    /** Tells {@code user} of each change from now on, on the thread that reloads. */
    public synchronized void onChange(Consumer<LocalConfig> user) {
        users.add(user);
    }

    /**
     * Reads the file again and takes what can change while the agent runs. Blocks for reading a file. What is wrong with it changes
     * nothing.
     *
     * @return why nothing was taken; empty when the file holds now
     */
    public synchronized String reload() {
        LocalConfig read;
        try {
            read = source.get();
        } catch (ConfigException e) {
            return "the configuration cannot be used, the old one still holds: " + e.getMessage();
        }
        var fixed = FIXED.entrySet().stream()
                .filter(e ->
                        !Objects.equals(e.getValue().apply(now), e.getValue().apply(read)))
                .map(Map.Entry::getKey)
                .toList();
        if (!fixed.isEmpty()) {
            return "nothing was reloaded: only a restart of the agent changes " + String.join(", ", fixed);
        }
        if (!read.equals(now)) {
            now = read;
            users.forEach(user -> user.accept(read));
        }
        return "";
    }
}
