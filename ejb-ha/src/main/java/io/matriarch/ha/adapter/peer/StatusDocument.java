package io.matriarch.ha.adapter.peer;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.Liveness;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.model.Timeline;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads what {@code GET <api_url>} answers, from Patroni and from Matriarch. */
final class StatusDocument {
    private StatusDocument() {}

    /** The HTTP status does not count: a member answers 503 and its document when it is not what the path asked for. */
    static PeerView parse(MemberName name, String body) {
        return document(body).map(json -> view(name, json)).orElseGet(() -> PeerView.silent(name));
    }

    /** The process that answered; "" when it does not say, empty when this is not the document of a member of that name and scope. */
    static Optional<String> instance(String body, MemberName name, Scope scope) {
        return document(body)
                .filter(json -> isOf(json, name, scope))
                .map(json -> json.string("instance").orElse(""));
    }

    /** An old Patroni does not say its name: then it may be of that name. */
    private static boolean isOf(JsonObject json, MemberName name, Scope scope) {
        var says = json.object("patroni");
        return says.flatMap(p -> p.string("name")).map(name.value()::equals).orElse(true)
                && says.flatMap(p -> p.string("scope"))
                        .map(scope.name()::equals)
                        .orElse(true);
    }

    private static Optional<JsonObject> document(String body) {
        return Json.tryParseObject(body).filter(json -> json.has("state") || json.has("patroni"));
    }

    private static PeerView view(MemberName name, JsonObject json) {
        Optional<JsonObject> xlog = json.object("xlog").or(() -> json.object("wal"));
        return new PeerView(
                name,
                Liveness.ALIVE,
                role(json, xlog),
                json.string("state").flatMap(MemberState::parse),
                json.number("timeline")
                        .filter(id -> id >= 1 && id <= Integer.MAX_VALUE)
                        .map(id -> new Timeline(id.intValue())),
                xlog.flatMap(StatusDocument::position),
                replicationState(json),
                json.object("tags").map(StatusDocument::tags).orElse(Tags.NONE),
                json.is("watchdog_failed"),
                json.number("wal_free_bytes"));
    }

    /** Without positions its PostgreSQL did not answer, and the role is only what the agent believes. */
    private static PostgresRole role(JsonObject json, Optional<JsonObject> xlog) {
        if (xlog.isEmpty()) {
            return PostgresRole.UNKNOWN;
        }
        if (xlog.get().number("location").filter(at -> at > 0).isPresent()) {
            return PostgresRole.PRIMARY;
        }
        return switch (json.string("role").orElse("")) {
            case "primary", "master" -> PostgresRole.PRIMARY;
            case "replica", "standby_leader", "promoted", "demoted" -> PostgresRole.REPLICA;
            default -> PostgresRole.UNKNOWN;
        };
    }

    private static Optional<Lsn> position(JsonObject xlog) {
        Optional<Lsn> primary = xlog.number("location").map(Lsn::new);
        Optional<Lsn> received = xlog.number("received_location").map(Lsn::new);
        Optional<Lsn> replayed = xlog.number("replayed_location").map(Lsn::new);
        return primary.or(() ->
                        received.map(r -> replayed.map(p -> Lsn.max(r, p)).orElse(r)))
                .or(() -> replayed);
    }

    private static ReplicationState replicationState(JsonObject json) {
        String word = json.string("replication_state").orElse("");
        return Arrays.stream(ReplicationState.values())
                .filter(state -> state.wire().equals(word))
                .findFirst()
                .orElse(ReplicationState.NONE);
    }

    private static Tags tags(JsonObject json) {
        Map<String, String> out = new TreeMap<>();
        json.values().forEach((key, value) -> out.put(key, value instanceof String text ? text : Json.compact(value)));
        return new Tags(out);
    }
}
