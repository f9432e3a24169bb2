package io.matriarch.backup.node;

import io.matriarch.backup.manager.Tenure;
import io.matriarch.backup.node.NodeException.Kind;
import io.matriarch.backup.node.NodeWork.Telling;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.ha.api.MemberCalls;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * The elected manager's half: has a node do something, and watches until that has ended. A node that restarts meanwhile is told again, and finds what
 * was done.
 *
 * @param node name of the member
 * @param url its REST interface
 * @param tenure under which it is commanded
 * @param source this manager's REST interface, without a path, where the node reads the repository
 * @param patience how long the node may stay silent
 */
public record NodeClient(String node, URI url, MemberCalls calls, Tenure tenure, String source, Duration patience) {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** A command may wait for the end of what an earlier manager began. */
    private static final Duration READ = Duration.ofSeconds(75);

    private static final long LOOK_MS = 1_000;
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final long PAUSE_NANOS = 500_000_000L;
    private static final int MOST_BEGINNINGS = 5;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;
    private static final int MOST_BYTES = 1 << 24;

    private record Answer(int status, Optional<JsonObject> document, String body) {
        boolean isTask() {
            return status < 300 && document.flatMap(d -> d.string("state")).isPresent();
        }

        /** Said by a node that knows no such task. */
        boolean isForgotten() {
            return status == NOT_FOUND
                    && document.flatMap(d -> d.string("code"))
                            .filter("UNKNOWN"::equals)
                            .isPresent();
        }

        boolean isStopped() {
            return isTask()
                    && document.flatMap(d -> d.string("state"))
                            .filter("STOPPED"::equals)
                            .isPresent();
        }

        /** Said by a server on which the application has not begun yet, or is none. */
        boolean isNobody() {
            return status == UNAVAILABLE || (status == NOT_FOUND && document.isEmpty());
        }

        String detail() {
            return document.flatMap(d -> d.string("detail")).orElse(body.strip());
        }
    }

    /**
     * Has work done; blocks until it is.
     *
     * @param halt stops it, there and here
     * @return what the node's half returned
     * @throws NodeException if the node cannot be reached or refuses
     * @throws Halt.HaltedException if it was stopped
     * @throws IOException if the work failed: with the node's reason
     */
    public JsonObject run(String kind, Map<String, Object> order, Halt halt, Telling telling) throws IOException {
        var attempts = tenure.token() + "-" + UUID.randomUUID() + "-";
        var body = body(kind, order);
        int beginnings = 1;
        var id = attempts + beginnings;
        tenure.requireHeld("commanding " + node);
        boolean ended = false;
        try {
            var answer = begin(id, body, halt);
            Optional<Long> stopAt = Optional.empty();
            while (true) {
                if ((answer.isForgotten() || answer.isStopped()) && beginnings < MOST_BEGINNINGS && !halt.isAsked()) {
                    // Its agent restarts, or has. If it is a newer manager that stopped it, this one is refused now.
                    beginnings++;
                    id = attempts + beginnings;
                    answer = begin(id, body, halt);
                }
                if (!answer.isTask()) {
                    ended = true;
                    halt.check();
                    throw new NodeException(
                            Kind.REFUSED,
                            node + " answers " + answer.status() + ": " + answer.detail() + advice(answer));
                }
                var task = answer.document().orElseThrow();
                tell(task, telling);
                switch (task.string("state").orElse("")) {
                    case "RUNNING" -> {}
                    case "DONE" -> {
                        ended = true;
                        return task.object("result").orElseGet(() -> new JsonObject(Map.of()));
                    }
                    default -> {
                        ended = true;
                        halt.check();
                        throw new IOException(task.string("why").orElse("no reason was given") + " (on " + node + ")");
                    }
                }
                if (halt.isAsked()) {
                    if (stopAt.isEmpty()) {
                        stopAt = Optional.of(System.nanoTime());
                        stop(id);
                    } else if (System.nanoTime() - stopAt.get() > STOP.toNanos()) {
                        halt.check();
                    }
                }
                answer = persistently("GET", path(id) + "?wait=" + LOOK_MS, "", halt);
            }
        } finally {
            if (!ended) {
                // Nobody watches it any more: it must not go on, nor keep the node from what comes next.
                stop(id);
            }
        }
    }

    private Answer begin(String id, String body, Halt halt) throws IOException {
        tenure.requireHeld("commanding " + node);
        return persistently("PUT", path(id), body, halt);
    }

    private void stop(String id) {
        try {
            ask("DELETE", path(id) + "?token=" + tenure.token(), "");
        } catch (IOException e) {
            LOG.warnf("[node-silent] %s could not be asked to stop what it does: %s", node, e.getMessage());
        }
    }

    private String body(String kind, Map<String, Object> order) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("token", tenure.token());
        out.put("manager", tenure.manager());
        out.put("source", source);
        out.put("kind", kind);
        out.put("order", order);
        return Json.compact(out);
    }

    private static String path(String id) {
        return "/matriarch/v1/node/tasks/" + id;
    }

    private static String advice(Answer answer) {
        return switch (answer.status()) {
            case 401 ->
                ". Both must have the same restapi.authentication, or this manager the node's as ctl.authentication";
            case 404, 405, 501 -> ". Does a Matriarch of this version run there?";
            default -> "";
        };
    }

    private static void tell(JsonObject task, Telling telling) {
        for (Object label : task.array("reads").orElse(List.of())) {
            telling.reads(String.valueOf(label));
        }
        var doing = task.string("doing").orElse("");
        var total = task.number("total");
        if (total.isPresent()) {
            telling.at(doing, task.number("bytes").orElse(0L), total.get());
        } else if (!doing.isEmpty()) {
            telling.says(doing);
        }
    }

    /** Asks until there is an answer. */
    private Answer persistently(String method, String path, String body, Halt halt) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            boolean late = System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted();
            try {
                var answer = ask(method, path, body);
                if (late || !answer.isNobody()) {
                    return answer;
                }
            } catch (IOException e) {
                if (late) {
                    throw new NodeException(
                            Kind.UNREACHABLE,
                            node + " does not answer at " + url.getAuthority() + " for " + patience.toSeconds() + " s: "
                                    + e.getMessage());
                }
            }
            halt.check();
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private Answer ask(String method, String path, String body) throws IOException {
        var connection = calls.open(method, url.resolve(path), CONNECT, READ);
        try {
            if (!body.isEmpty()) {
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                connection.setDoOutput(true);
                connection.setRequestProperty("Content-Type", "application/json");
                connection.setFixedLengthStreamingMode(bytes.length);
                try (var out = connection.getOutputStream()) {
                    out.write(bytes);
                }
            }
            int status = connection.getResponseCode();
            try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                var text = in == null ? "" : new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
                return new Answer(status, Json.tryParseObject(text), text);
            }
        } finally {
            connection.disconnect();
        }
    }
}
