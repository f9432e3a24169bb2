package io.matriarch.ha.adapter.etcd;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SyncState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Makes a {@link ClusterView} of raw keys. Remembers what it made of each key, so that an idle cycle parses nothing and a broken value
 * is complained of once. Not thread safe.
 */
final class ClusterReader {
    private static final Logger LOG = Logger.getLogger(ClusterReader.class);
    private static final int SHOWN = 200;

    private final ConfigReader configReader;
    private Map<String, Known> known = new HashMap<>();
    private Optional<KnownConfig> config = Optional.empty();

    private record Known(RawKey key, Object parsed) {}

    private record KnownConfig(Optional<String> json, boolean foreignMembers, ClusterConfig config) {}

    ClusterReader(ConfigReader configReader) {
        this.configReader = configReader;
    }

    ClusterView view(List<RawKey> keys, long revision, MonotonicTime readAt) {
        var cycle = new Cycle(keys);
        Map<MemberName, MemberView> members = cycle.members();
        Optional<String> json =
                cycle.parsed(Keys.CONFIG, ClusterReader::configText).flatMap(Function.identity());
        boolean foreign = members.values().stream().anyMatch(m -> !m.report().isMatriarch());
        var view = new ClusterView(
                new Revision(revision),
                readAt,
                cycle.parsed(Keys.INITIALIZE, KeyParser::initialize),
                cycle.parsed(Keys.LEADER, KeyParser::leader).flatMap(Function.identity()),
                members,
                config(json, foreign),
                json,
                cycle.status(),
                cycle.sync(members),
                cycle.parsed(Keys.FAILOVER, KeyParser::failover).flatMap(Function.identity()),
                cycle.parsed(Keys.HISTORY, key -> KeyParser.history(key.value()))
                        .orElse(List.<HistoryEntry>of()),
                cycle.keys.containsKey(Keys.HISTORY),
                cycle.parsed(Keys.FAILSAFE, key -> KeyParser.failsafe(key.value()))
                        .orElse(Map.of()),
                cycle.parsed(Keys.TIMELINE, KeyParser::timelineClaim),
                cycle.parsed(Keys.UNFENCED, KeyParser::unfenced).flatMap(Function.identity()));
        known = cycle.now;
        return view;
    }

    private ClusterConfig config(Optional<String> json, boolean foreign) {
        Optional<ClusterConfig> before = config.filter(
                        c -> c.foreignMembers() == foreign && c.json().equals(json))
                .map(KnownConfig::config);
        if (before.isPresent()) {
            return before.get();
        }
        ClusterConfig read = configReader.read(json, foreign);
        config = Optional.of(new KnownConfig(json, foreign, read));
        return read;
    }

    private static Optional<String> configText(RawKey key) {
        if (Json.tryParseObject(key.value()).isEmpty()) {
            LOG.warnf(
                    "The key %s at revision %d is no JSON object; it counts as missing", key.name(), key.modRevision());
            return Optional.empty();
        }
        return Optional.of(key.value());
    }

    private static Optional<MemberView> member(MemberName name, RawKey key) {
        var report = MemberParser.parse(key.value());
        if (report.isEmpty()) {
            String value = key.value();
            LOG.warnf(
                    "The key %s at revision %d is not a member's description and is ignored: %s",
                    key.name(), key.modRevision(), value.length() > SHOWN ? value.substring(0, SHOWN) + "..." : value);
        }
        return report.map(r -> new MemberView(name, r, KeyParser.lease(key), new Revision(key.modRevision())));
    }

    /** One reading. */
    private final class Cycle {
        private final Map<String, RawKey> keys = new HashMap<>();
        private final Map<String, Known> now = new HashMap<>();

        Cycle(List<RawKey> all) {
            all.forEach(key -> keys.put(key.name(), key));
        }

        /** What the parser makes of the key, taken from the last reading if nothing of the key changed. */
        @SuppressWarnings("unchecked") // a key always has the same parser
        <T> Optional<T> parsed(String name, Function<RawKey, T> parser) {
            RawKey key = keys.get(name);
            if (key == null) {
                return Optional.empty();
            }
            Known before = known.get(name);
            T value = before != null && before.key().equals(key) ? (T) before.parsed() : parser.apply(key);
            now.put(name, new Known(key, value));
            return Optional.of(value);
        }

        Map<MemberName, MemberView> members() {
            Map<MemberName, MemberView> members = new TreeMap<>();
            for (String key : keys.keySet()) {
                Keys.memberOf(key)
                        .flatMap(name -> parsed(key, raw -> member(name, raw)).flatMap(Function.identity()))
                        .ifPresent(view -> members.put(view.name(), view));
            }
            return members;
        }

        ClusterStatus status() {
            return parsed(Keys.STATUS, key -> KeyParser.status(key.value()))
                    .or(() -> parsed(Keys.LEGACY_OPTIME, key -> KeyParser.status(key.value())))
                    .orElse(ClusterStatus.UNKNOWN);
        }

        /** Not remembered: its names depend on the members. */
        Optional<SyncState> sync(Map<MemberName, MemberView> members) {
            return Optional.ofNullable(keys.get(Keys.SYNC)).map(key -> KeyParser.sync(key, members.keySet()));
        }
    }
}
