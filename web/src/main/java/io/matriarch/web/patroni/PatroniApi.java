package io.matriarch.web.patroni;

import io.matriarch.ha.api.Access.Caller;
import io.matriarch.ha.api.CommandResult;
import io.matriarch.ha.api.CommandResult.Ending;
import io.matriarch.ha.api.HaCommands;
import io.matriarch.ha.api.RestartRequest;
import io.matriarch.ha.health.HealthState;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Revision;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Patroni's surface: from a method and a path to an answer. Knows nothing of servlets. */
final class PatroniApi {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;
    private static final int BAD_GATEWAY = 502;
    private static final int BAD_REQUEST = 400;
    private static final int LENGTH_REQUIRED = 411;
    private static final int NOT_IMPLEMENTED = 501;

    private final HaCommands commands;
    private final StatusCache cache;
    private final HealthState health;
    private final Supplier<String> managerMetrics;

    /** @param managerMetrics what a manager adds to the metrics; empty on a machine that is none */
    PatroniApi(HaCommands commands, StatusCache cache, HealthState health, Supplier<String> managerMetrics) {
        this.commands = commands;
        this.cache = cache;
        this.health = health;
        this.managerMetrics = managerMetrics;
    }

    /** HEAD and OPTIONS of every path: a status line. */
    Answer probe(String path, String query) {
        return HealthMirror.of(path, health)
                .map(mirrored -> Answer.statusOnly(mirrored.status()))
                .orElseGet(() -> Answer.statusOnly(cache.health(path, query)));
    }

    Answer get(String path, String query) {
        return switch (firstSegment(path)) {
            case "patroni" -> patroni();
            case "liveness" -> Answer.statusOnly(liveness());
            case "readiness" ->
                Answer.statusOnly(
                        cache.judged((facts, now) -> HealthTable.readiness(facts, HealthQuery.parse(query), now)));
            case "cluster" -> document(c -> Answer.json(OK, ClusterDocument.cluster(c, scope())));
            case "history" -> document(c -> Answer.json(OK, ClusterDocument.history(c)));
            case "config" -> answer(commands.config(), true);
            case "failsafe" -> failsafe();
            case "metrics" -> metrics();
            case "health" -> HealthMirror.of(path, health).orElseGet(() -> healthDocument(path, query));
            default -> healthDocument(path, query);
        };
    }

    /** What peers ask before an election, and therefore never out of the cache. */
    private Answer patroni() {
        return cache.newest()
                .flatMap(e ->
                        commands.postgresNow().map(now -> Answer.json(OK, StatusDocument.render(e.status(), now))))
                .orElseGet(() -> Answer.json(OK, cache.document()));
    }

    private Answer healthDocument(String path, String query) {
        return Answer.json(cache.health(path, query), cache.document());
    }

    /** Before the first cycle the agent lives as long as it may still be booting. */
    private int liveness() {
        return cache.newest()
                .map(e -> HealthTable.liveness(e.facts(), cache.now()))
                .orElseGet(() -> health.live().up() ? OK : UNAVAILABLE);
    }

    private Answer metrics() {
        var text = cache.newest()
                        .map(e -> Metrics.render(e.status(), cache.fenceProofs(), cache.now()))
                        .orElse("")
                + managerMetrics.get();
        return text.isEmpty()
                ? Answer.text(UNAVAILABLE, "the agent has not completed its first cycle")
                : Answer.metrics(text);
    }

    private Answer failsafe() {
        return cache.newest()
                .flatMap(e -> e.status().dcs().lastKnown())
                .filter(c -> !c.failsafe().isEmpty())
                .map(c -> Answer.json(OK, ClusterDocument.failsafe(c)))
                .orElse(Answer.page(BAD_GATEWAY, "Bad Gateway", "No failsafe members are known"));
    }

    private Answer document(Function<ClusterView, Answer> render) {
        return commands.readCluster().map(render).orElse(Answer.text(UNAVAILABLE, "the DCS cannot be reached"));
    }

    private String scope() {
        return cache.newest().map(e -> e.status().scope().name()).orElse("");
    }

    /** Whether a method has something to do at this path at all; asked before anything else. */
    static boolean isCommand(String method, String path) {
        String name = firstSegment(path);
        return switch (method) {
            case "POST" ->
                switch (name) {
                    case "reload", "restart", "reinitialize", "switchover", "failover", "failsafe", "sigterm" -> true;
                    default -> false;
                };
            case "PATCH", "PUT" -> name.equals("config");
            case "DELETE" -> name.equals("switchover") || name.equals("restart");
            default -> false;
        };
    }

    static Answer unsupported(String method) {
        String word = method.matches("[A-Z]{1,20}") ? method : "?";
        return Answer.page(
                NOT_IMPLEMENTED, "Unsupported method ('" + word + "')", "Server does not support this operation");
    }

    /** Who may not command gets an answer here; empty: granted. */
    Optional<Answer> refusal(String path, Caller caller) {
        var verdict = commands.access().judge(caller, firstSegment(path).equals("failsafe"));
        return Refusal.of(verdict).map(PatroniApi::answer);
    }

    private static Answer answer(Refusal refusal) {
        var answer = Answer.text(refusal.status(), refusal.why());
        return refusal.isChallenge() ? answer.with("WWW-Authenticate", "Basic realm=\"Patroni\"") : answer;
    }

    /** @param body what was sent; empty: no Content-Length came with the request */
    Answer command(String method, String path, Optional<String> body) {
        String name = firstSegment(path);
        return switch (method + " " + name) {
            case "POST reload" -> answer(commands.reload(), false);
            case "POST sigterm" -> Answer.text(202, "shutdown scheduled");
            case "POST switchover", "POST failover" ->
                withObject(
                        body,
                        json -> answer(commands.switchover(Bodies.switchover(name.equals("switchover"), json)), false));
            case "DELETE switchover" -> answer(commands.cancelSwitchover(), false);
            case "DELETE restart" -> Answer.text(404, "no restarts are scheduled");
            case "POST restart" -> withOptionalObject(body, this::restart);
            case "POST reinitialize" -> withOptionalObject(body, json -> answer(commands.reinitialize(), false));
            case "POST failsafe" -> withObject(body, this::announced);
            case "PATCH config" -> withObject(body, json -> answer(commands.patchConfig(Json.compact(json)), true));
            case "PUT config" -> withObject(body, json -> answer(commands.putConfig(Json.compact(json)), true));
            default -> unsupported(method);
        };
    }

    private Answer restart(JsonObject json) {
        return switch (Bodies.restart(json)) {
            case Bodies.Parsed.Ok<RestartRequest> ok -> answer(commands.restart(ok.value()), false);
            case Bodies.Parsed.Wrong<RestartRequest> wrong -> Answer.text(wrong.status(), wrong.why());
        };
    }

    private Answer announced(JsonObject json) {
        var name = json.string("name").filter(s -> !s.isBlank()).map(MemberName::new);
        if (name.isEmpty() || json.string("api_url").isEmpty()) {
            return Answer.text(BAD_REQUEST, "name, conn_url and api_url are wanted");
        }
        var result = commands.announceFailsafe(
                name.get(), json.number("leader_since").map(Revision::new));
        var answer = answer(result, false);
        return result.isDone() ? position().map(lsn -> answer.with("lsn", lsn)).orElse(answer) : answer;
    }

    /** How far this replica is, for the slot that the leader keeps for it. */
    private Optional<String> position() {
        return cache.newest()
                .flatMap(e -> e.status().node().wal())
                .map(wal -> Long.toString(wal.written().bytes()));
    }

    private static Answer withObject(Optional<String> body, Function<JsonObject, Answer> command) {
        if (body.isEmpty()) {
            return Answer.page(LENGTH_REQUIRED, "Length Required", "Client must specify Content-Length");
        }
        var json = Json.tryParseObject(body.get()).filter(o -> !o.values().isEmpty());
        return json.map(command).orElseGet(PatroniApi::badRequest);
    }

    private static Answer withOptionalObject(Optional<String> body, Function<JsonObject, Answer> command) {
        String text = body.filter(b -> !b.isBlank()).orElse("{}");
        return Json.tryParseObject(text).map(command).orElseGet(PatroniApi::badRequest);
    }

    private static Answer badRequest() {
        return Answer.page(BAD_REQUEST, "Bad Request", "Bad request syntax or unsupported method");
    }

    private static Answer answer(CommandResult result, boolean json) {
        int status = code(result.ending());
        return json && result.isDone() ? Answer.json(status, result.message()) : Answer.text(status, result.message());
    }

    private static int code(Ending ending) {
        return switch (ending) {
            case DONE -> OK;
            case ACCEPTED -> 202;
            case INVALID -> BAD_REQUEST;
            case NOTHING_THERE -> 404;
            case CONFLICT -> 409;
            case PRECONDITION -> 412;
            case UNPROCESSABLE -> 422;
            case REFUSED -> 500;
            case NOT_PROVIDED -> BAD_GATEWAY;
            case UNAVAILABLE -> UNAVAILABLE;
        };
    }

    static String firstSegment(String path) {
        int end = path.indexOf('/', 1);
        return path.isEmpty() ? "" : path.substring(1, end < 0 ? path.length() : end);
    }
}
