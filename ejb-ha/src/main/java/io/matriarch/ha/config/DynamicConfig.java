package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.SynchronousMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The dynamic configuration as this member understands it: etcd's {@code config} after conversions, defaults (Patroni's)
 * and limits. Computing it changes nothing and blocks for nothing.
 *
 * @param stored the key's value; empty if there is none or it is no JSON object
 * @param cluster what decisions depend on
 * @param slots replication slots to keep or to leave alone
 * @param standbyCluster present if the cluster follows a primary outside
 * @param notes corrections, to be logged once each
 */
public record DynamicConfig(
        Mapping stored,
        ClusterConfig cluster,
        SlotSettings slots,
        Optional<StandbyCluster> standbyCluster,
        List<Note> notes) {

    /** Less is too short to stop PostgreSQL in, whatever the ttl. */
    public static final Duration LEAST_FENCE_MARGIN = Duration.ofMillis(500);

    public DynamicConfig {
        notes = List.copyOf(notes);
    }

    /**
     * Understands the value of {@code config}.
     *
     * @param json the key's value; a value that is no JSON object counts as absent, as for Patroni
     * @param local this member's file: its {@code postgresql} section overrides, its fence margin holds
     * @param foreignMembers whether a member that is not Matriarch is in the cluster: then Patroni's limits hold
     */
    public static DynamicConfig of(Optional<String> json, LocalConfig local, boolean foreignMembers) {
        Optional<Mapping> parsed = json.flatMap(DynamicConfig::object);
        DynamicConfig config = new Reader(
                        parsed.orElse(Mapping.EMPTY),
                        local.postgresTree(),
                        local.matriarch().fenceMargin(),
                        foreignMembers)
                .read();
        if (json.isPresent() && parsed.isEmpty()) {
            List<Note> notes = new ArrayList<>(config.notes);
            notes.add(0, new Note("config", "no JSON object", "the defaults", "the value cannot be read"));
            return new DynamicConfig(config.stored, config.cluster, config.slots, config.standbyCluster, notes);
        }
        return config;
    }

    /** The JSON object in {@code json}; empty if it is anything else. */
    public static Optional<Mapping> object(String json) {
        return NodeJson.parse(json).filter(Mapping.class::isInstance).map(Mapping.class::cast);
    }

    /** Understands without a member's file; for checks of {@code bootstrap.dcs}. */
    static DynamicConfig check(Mapping stored, Optional<Duration> fenceMargin) {
        return new Reader(stored, Mapping.EMPTY, fenceMargin, false).read();
    }

    private static final class Reader {

        private final Mapping stored;
        private final Mapping localPostgres;
        private final Optional<Duration> margin;
        private final boolean foreign;
        private final List<Note> notes = new ArrayList<>();

        Reader(Mapping stored, Mapping localPostgres, Optional<Duration> margin, boolean foreign) {
            this.stored = stored;
            this.localPostgres = localPostgres;
            this.margin = margin;
            this.foreign = foreign;
        }

        DynamicConfig read() {
            Timeouts timeouts =
                    Timeouts.agree(whole("ttl"), whole("loop_wait"), whole("retry_timeout"), margin, foreign);
            notes.addAll(timeouts.notes());
            Optional<StandbyCluster> standby = new ClusterSections(stored, notes).standbyCluster();
            boolean strict = flag("synchronous_mode_strict", false);
            SynchronousMode mode = standby.isPresent() ? SynchronousMode.OFF : synchronousMode();
            long nodes = Math.max(whole("synchronous_node_count"), strict ? 1 : 0);
            ClusterConfig cluster = new ClusterConfig(
                    Duration.ofSeconds(timeouts.ttlSeconds()),
                    Duration.ofSeconds(timeouts.loopWaitSeconds()),
                    Duration.ofSeconds(timeouts.retryTimeoutSeconds()),
                    timeouts.fenceMargin(),
                    whole("maximum_lag_on_failover"),
                    flag("check_timeline", false),
                    Duration.ofSeconds(whole("primary_start_timeout")),
                    Duration.ofSeconds(whole("primary_stop_timeout")),
                    mode,
                    strict,
                    bounded(nodes),
                    whole("maximum_lag_on_syncnode"),
                    flag("failsafe_mode", false),
                    flag("pause", false),
                    postgresFlag("use_pg_rewind").orElse(false),
                    recloneOnDivergence(),
                    Duration.ofSeconds(whole("member_slots_ttl")),
                    bounded(whole("max_timelines_history")));
            return new DynamicConfig(stored, cluster, new ClusterSections(stored, notes).slots(), standby, notes);
        }

        private static int bounded(long number) {
            return (int) Math.min(Integer.MAX_VALUE, number);
        }

        private Optional<Node> value(String key) {
            return stored.get(key)
                    .or(() -> Optional.ofNullable(DynamicKeys.LEGACY.get(key)).flatMap(stored::get))
                    .filter(node -> !node.isNull());
        }

        private long whole(String key) {
            DynamicKeys.Whole rule = Objects.requireNonNull(DynamicKeys.WHOLE.get(key));
            Optional<Node> node = value(key);
            if (node.isEmpty()) {
                return rule.otherwise();
            }
            var number = node.get() instanceof Scalar scalar && scalar.kind() != Node.Kind.FLAG
                    ? Units.whole(scalar.text(), rule.unit())
                    : OptionalLong.empty();
            if (number.isEmpty() || number.getAsLong() > Integer.MAX_VALUE && !key.startsWith("maximum_lag")) {
                notes.add(new Note(
                        key, NodeJson.write(node.get()), Long.toString(rule.otherwise()), "a whole number is wanted"));
                return rule.otherwise();
            }
            long least = rule.least(foreign);
            if (number.getAsLong() < least) {
                notes.add(new Note(
                        key,
                        Long.toString(number.getAsLong()),
                        Long.toString(least),
                        foreign && least != rule.least()
                                ? "the least value that Patroni members accept"
                                : "the least value"));
                return least;
            }
            return number.getAsLong();
        }

        private boolean flag(String key, boolean otherwise) {
            Optional<Node> node = value(key);
            Optional<Boolean> flag = node.flatMap(Reader::asFlag);
            if (node.isPresent() && flag.isEmpty()) {
                notes.add(new Note(
                        key, NodeJson.write(node.get()), Boolean.toString(otherwise), "true or false is wanted"));
            }
            return flag.orElse(otherwise);
        }

        private static Optional<Boolean> asFlag(Node node) {
            return node instanceof Scalar scalar ? Units.flag(scalar.text()) : Optional.empty();
        }

        private SynchronousMode synchronousMode() {
            Optional<Node> node = value("synchronous_mode");
            if (node.isPresent()
                    && node.get() instanceof Scalar scalar
                    && scalar.text().strip().toLowerCase(Locale.ROOT).equals("quorum")) {
                return SynchronousMode.QUORUM;
            }
            return flag("synchronous_mode", false) ? SynchronousMode.PRIORITY : SynchronousMode.OFF;
        }

        /** A flag of section {@code postgresql}: the member's file wins over the cluster's. */
        private Optional<Boolean> postgresFlag(String key) {
            return localPostgres
                    .get(key)
                    .flatMap(Reader::asFlag)
                    .or(() -> stored.mapping("postgresql").get(key).flatMap(Reader::asFlag));
        }

        /**
         * Matriarch keeps the diverged directory aside, so cloning anew destroys nothing and is on unless somebody
         * switched it off; Patroni's own two settings say so too.
         */
        private boolean recloneOnDivergence() {
            Optional<Boolean> own =
                    stored.mapping("matriarch").get("reclone_on_divergence").flatMap(Reader::asFlag);
            if (own.isPresent()) {
                return own.get();
            }
            List<Boolean> said = List.of(
                            "remove_data_directory_on_diverged_timelines", "remove_data_directory_on_rewind_failure")
                    .stream()
                    .map(this::postgresFlag)
                    .flatMap(Optional::stream)
                    .toList();
            return said.isEmpty() || said.contains(true);
        }
    }

    /** All keys at the top that mean something; others are kept in etcd and ignored. */
    static List<String> knownKeys() {
        List<String> keys = new ArrayList<>(DynamicKeys.WHOLE.keySet());
        keys.addAll(DynamicKeys.FLAGS);
        keys.addAll(DynamicKeys.SLOT_KEYS);
        for (Map.Entry<String, String> legacy : DynamicKeys.LEGACY.entrySet()) {
            keys.add(legacy.getValue());
        }
        keys.addAll(List.of("synchronous_mode", "ignore_slots", "standby_cluster", "postgresql", "matriarch"));
        return keys;
    }
}
