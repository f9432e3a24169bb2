package io.matriarch.ha.adapter.etcd;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonException;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.InitializeKey;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SyncState;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineClaim;
import io.matriarch.ha.model.UnfencedPrimary;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/** Reads every key but the members', tolerant as Patroni is: legacy forms are understood, unknown fields ignored. */
final class KeyParser {
    private static final Logger LOG = Logger.getLogger(KeyParser.class);
    private static final Pattern LEGACY_FAILOVER = Pattern.compile("[^\\[\\]{}\":]*:?[^\\[\\]{}\":]*");
    private static final int ROW_MINIMUM = 3;
    private static final int ROW_TIME = 3;
    private static final int ROW_LEADER = 4;

    private KeyParser() {}

    static InitializeKey initialize(RawKey key) {
        String value = key.value().strip();
        Optional<SystemIdentifier> identifier =
                SystemIdentifier.isValid(value) ? Optional.of(new SystemIdentifier(value)) : Optional.empty();
        return new InitializeKey(identifier, lease(key), new Revision(key.modRevision()));
    }

    /** Empty for a blank value: nobody can be named so. */
    static Optional<LeaderKey> leader(RawKey key) {
        return name(key.value())
                .map(holder -> new LeaderKey(
                        holder, lease(key), new Revision(key.createRevision()), new Revision(key.modRevision())));
    }

    static Optional<LeaseId> lease(RawKey key) {
        return key.lease() == 0 ? Optional.empty() : Optional.of(new LeaseId(key.lease()));
    }

    /** An object, Patroni 1's bare number, or {@link ClusterStatus#UNKNOWN}. */
    static ClusterStatus status(String value) {
        Object read = parse(value);
        Optional<JsonObject> json = JsonObject.of(read);
        if (json.isEmpty()) {
            return new ClusterStatus(JsonObject.asLong(read).map(Lsn::new), Map.of(), List.of());
        }
        Map<String, Lsn> slots = new TreeMap<>();
        nested(json.get(), "slots")
                .flatMap(JsonObject::of)
                .ifPresent(object -> object.values()
                        .forEach((slot, at) ->
                                JsonObject.asLong(at).ifPresent(bytes -> slots.put(slot, new Lsn(bytes)))));
        List<String> retained = nested(json.get(), "retain_slots").flatMap(JsonObject::asList).stream()
                .flatMap(List::stream)
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
        return new ClusterStatus(json.get().number("optime").map(Lsn::new), slots, retained);
    }

    /** Some writers put JSON into a text inside the JSON. */
    private static Optional<Object> nested(JsonObject json, String field) {
        return json.get(field).map(value -> value instanceof String text ? parse(text) : value);
    }

    /**
     * Empty when nothing is asked for. A request with a time that cannot be read counts as none: carrying it out at once would be the
     * worse mistake.
     */
    static Optional<FailoverRequest> failover(RawKey key) {
        Revision revision = new Revision(key.modRevision());
        Optional<JsonObject> json = Json.tryParseObject(key.value());
        if (json.isEmpty()) {
            return legacyFailover(key.value(), revision);
        }
        Optional<String> schedule = json.get().string("scheduled_at").filter(text -> !text.isBlank());
        Optional<Instant> at = schedule.flatMap(KeyParser::instant);
        if (schedule.isPresent() && at.isEmpty()) {
            LOG.warnf(
                    "The time in the key %s at revision %d cannot be read; the request is ignored",
                    key.name(), key.modRevision());
            return Optional.empty();
        }
        return request(
                json.get().string("leader").flatMap(KeyParser::name),
                json.get().string("member").flatMap(KeyParser::name),
                at,
                json.get().bool("settled").orElse(false),
                revision);
    }

    /** {@code leader:candidate}, as Patroni 1 wrote it. */
    private static Optional<FailoverRequest> legacyFailover(String value, Revision revision) {
        if (!LEGACY_FAILOVER.matcher(value).matches()) {
            return Optional.empty();
        }
        String[] parts = value.split(":", 2);
        return request(
                name(parts[0]),
                parts.length > 1 ? name(parts[1]) : Optional.empty(),
                Optional.empty(),
                false,
                revision);
    }

    private static Optional<FailoverRequest> request(
            Optional<MemberName> leader,
            Optional<MemberName> candidate,
            Optional<Instant> at,
            boolean settled,
            Revision revision) {
        return leader.isEmpty() && candidate.isEmpty()
                ? Optional.empty()
                : Optional.of(new FailoverRequest(leader, candidate, at, settled, revision));
    }

    /** ISO 8601 with a zone, with a blank instead of the T too. */
    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text.strip().replaceFirst("(?<=\\d) +(?=\\d)", "T"))
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /**
     * Never empty, as the revision is needed to replace a broken value.
     *
     * @param members names in PostgreSQL's synchronous settings ignore case; they become those of the members
     */
    static SyncState sync(RawKey key, Set<MemberName> members) {
        Revision revision = new Revision(key.modRevision());
        Optional<JsonObject> json = Json.tryParseObject(key.value());
        Optional<MemberName> leader =
                json.flatMap(j -> j.string("leader")).flatMap(KeyParser::name).map(n -> known(n, members));
        Set<MemberName> standbys = new LinkedHashSet<>();
        json.flatMap(j -> j.string("sync_standby")).stream()
                .flatMap(names -> List.of(names.split(",")).stream())
                .forEach(text -> name(text).ifPresent(n -> standbys.add(known(n, members))));
        int quorum = json.flatMap(j -> j.number("quorum"))
                .filter(q -> q >= 0 && q <= Integer.MAX_VALUE)
                .orElse(0L)
                .intValue();
        return new SyncState(leader, standbys, quorum, revision);
    }

    private static MemberName known(MemberName name, Set<MemberName> members) {
        if (members.contains(name)) {
            return name;
        }
        return members.stream()
                .filter(m -> m.value().equalsIgnoreCase(name.value()))
                .findFirst()
                .orElse(name);
    }

    /** Rows that cannot be read are left out. */
    static List<HistoryEntry> history(String value) {
        List<HistoryEntry> out = new ArrayList<>();
        JsonObject.asList(parse(value)).stream()
                .flatMap(List::stream)
                .forEach(row -> JsonObject.asList(row).flatMap(KeyParser::row).ifPresent(out::add));
        return out;
    }

    private static Optional<HistoryEntry> row(List<Object> row) {
        Optional<Long> timeline = row.size() < ROW_MINIMUM ? Optional.empty() : JsonObject.asLong(row.get(0));
        Optional<Long> lsn = row.size() < ROW_MINIMUM ? Optional.empty() : JsonObject.asLong(row.get(1));
        if (timeline.filter(id -> id >= 1 && id < Integer.MAX_VALUE).isEmpty() || lsn.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new HistoryEntry(
                new Timeline(timeline.get().intValue()),
                new Lsn(lsn.get()),
                String.valueOf(row.get(2)),
                textAt(row, ROW_TIME),
                textAt(row, ROW_LEADER).flatMap(KeyParser::name)));
    }

    private static Optional<String> textAt(List<Object> row, int column) {
        return row.size() > column && row.get(column) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** Never empty, as the revision is needed to replace a broken value; that one counts as timeline 1, which claims nothing. */
    static TimelineClaim timelineClaim(RawKey key) {
        Optional<JsonObject> json = Json.tryParseObject(key.value());
        Optional<Long> number = json.flatMap(j -> j.number("timeline")).filter(n -> n >= 1 && n < Integer.MAX_VALUE);
        if (number.isEmpty()) {
            LOG.warnf(
                    "The key %s at revision %d names no timeline (a number from 1 is expected); it is replaced at the next promotion",
                    key.name(), key.modRevision());
        }
        return new TimelineClaim(
                new Timeline(number.orElse(1L).intValue()),
                json.flatMap(j -> j.string("member")).flatMap(KeyParser::name).orElse(new MemberName("unknown")),
                new Revision(key.modRevision()));
    }

    /** Empty for a blank value: nobody can be named so. */
    static Optional<UnfencedPrimary> unfenced(RawKey key) {
        return name(key.value()).map(holder -> new UnfencedPrimary(holder, new Revision(key.modRevision())));
    }

    static Map<MemberName, String> failsafe(String value) {
        Map<MemberName, String> out = new TreeMap<>();
        Json.tryParseObject(value)
                .ifPresent(json -> json.values().forEach((name, url) -> {
                    if (url instanceof String text) {
                        name(name).ifPresent(n -> out.put(n, text));
                    }
                }));
        return out;
    }

    private static Optional<MemberName> name(String text) {
        return text.isBlank() ? Optional.empty() : Optional.of(new MemberName(text.strip()));
    }

    private static Object parse(String value) {
        try {
            return Json.parse(value);
        } catch (JsonException e) {
            return Json.NULL;
        }
    }
}
