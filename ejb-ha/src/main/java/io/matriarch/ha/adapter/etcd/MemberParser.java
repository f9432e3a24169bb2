package io.matriarch.ha.adapter.etcd;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberReport;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.model.Timeline;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads a member key that any version of Patroni, or another tool, may have written. */
final class MemberParser {
    private static final String LEGACY_START = "postgres";
    private static final String LEGACY_API = "application_name=";

    private MemberParser() {}

    /** Empty when the value is neither an object nor Patroni 1's URL. */
    static Optional<MemberReport> parse(String value) {
        if (value.startsWith(LEGACY_START)) {
            return Optional.of(legacy(value));
        }
        return Json.tryParseObject(value).map(MemberParser::report);
    }

    private static MemberReport report(JsonObject json) {
        return new MemberReport(
                json.string("conn_url")
                        .or(() -> json.object("conn_kwargs").map(MemberParser::url))
                        .orElse(""),
                json.string("api_url").orElse(""),
                json.string("proxy_url"),
                // An unknown word is never "running": such a member is no candidate for anything.
                json.string("state").flatMap(MemberState::parse).orElse(MemberState.STOPPED),
                json.string("role").flatMap(MemberRole::parse).orElse(MemberRole.UNINITIALIZED),
                json.string("version").orElse(""),
                json.string("agent"),
                json.object("tags").map(MemberParser::tags).orElse(Tags.NONE),
                lsn(json, "xlog_location"),
                lsn(json, "receive_lsn"),
                lsn(json, "replay_lsn"),
                replicationState(json),
                timeline(json),
                json.bool("checkpoint_after_promote").map(done -> !done).orElse(false),
                json.is("pending_restart"),
                json.is("pause"),
                json.number("wal_free_bytes"));
    }

    private static String url(JsonObject arguments) {
        String host = arguments.string("host").orElse("");
        String shown = host.contains(":") ? "[" + host + "]" : host;
        String port = arguments.number("port").map(p -> ":" + p).orElse("");
        String database = arguments
                .string("dbname")
                .or(() -> arguments.string("database"))
                .orElse("postgres");
        return "postgres://" + shown + port + "/" + database;
    }

    private static Tags tags(JsonObject json) {
        Map<String, String> out = new TreeMap<>();
        json.values().forEach((key, value) -> out.put(key, text(value)));
        return new Tags(out);
    }

    private static String text(Object value) {
        return value instanceof String || value instanceof Number || value instanceof Boolean
                ? value.toString()
                : Json.compact(value);
    }

    private static Optional<Lsn> lsn(JsonObject json, String field) {
        return json.number(field).map(Lsn::new);
    }

    private static ReplicationState replicationState(JsonObject json) {
        String word = json.string("replication_state").orElse("");
        return Arrays.stream(ReplicationState.values())
                .filter(state -> state.wire().equals(word))
                .findFirst()
                .orElse(ReplicationState.NONE);
    }

    private static Optional<Timeline> timeline(JsonObject json) {
        return json.number("timeline")
                .filter(id -> id >= 1 && id <= Integer.MAX_VALUE)
                .map(id -> new Timeline(id.intValue()));
    }

    /** {@code postgres://host:port/db?application_name=<api_url>}. */
    private static MemberReport legacy(String value) {
        int query = value.indexOf('?');
        String connUrl = query < 0 ? value : value.substring(0, query);
        String apiUrl = query < 0
                ? ""
                : Arrays.stream(value.substring(query + 1).split("&"))
                        .filter(part -> part.startsWith(LEGACY_API))
                        .map(part -> decoded(part.substring(LEGACY_API.length())))
                        .findFirst()
                        .orElse("");
        return report(new JsonObject(Map.of("conn_url", connUrl, "api_url", apiUrl)));
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
