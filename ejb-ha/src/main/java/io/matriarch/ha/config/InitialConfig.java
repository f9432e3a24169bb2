package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import java.util.LinkedHashMap;
import java.util.Map;

/** The first value of {@code config}, which the member that bootstraps the cluster writes. */
public final class InitialConfig {

    /** What a cluster gets whose {@code bootstrap.dcs} does not say otherwise. */
    private static final Mapping DEFAULTS = defaults();

    private InitialConfig() {}

    /** Our defaults with {@code bootstrap.dcs} over them, as compact JSON. */
    public static String document(BootstrapConfig bootstrap) {
        return NodeJson.write(tree(bootstrap.dcs()));
    }

    static Mapping tree(Mapping dcs) {
        return ConfigPatch.apply(withoutRenamed(dcs), dcs);
    }

    /** The defaults without {@code use_pg_rewind} if there is no map to put it into. */
    private static Mapping withoutRenamed(Mapping dcs) {
        boolean usable = dcs.get("postgresql")
                .map(node -> node instanceof Mapping || node.isNull())
                .orElse(true);
        return usable ? DEFAULTS : DEFAULTS.without("postgresql");
    }

    private static Mapping defaults() {
        Map<String, Node> postgresql = new LinkedHashMap<>();
        postgresql.put("use_pg_rewind", Scalar.flag(true));
        postgresql.put("use_slots", Scalar.flag(true));
        Map<String, Node> defaults = new LinkedHashMap<>();
        defaults.put("ttl", Scalar.number(5));
        defaults.put("loop_wait", Scalar.number(1));
        defaults.put("retry_timeout", Scalar.number(2));
        defaults.put("maximum_lag_on_failover", Scalar.number(1L << 20));
        defaults.put("failsafe_mode", Scalar.flag(true));
        defaults.put("postgresql", Mapping.of(postgresql));
        return Mapping.of(defaults);
    }
}
