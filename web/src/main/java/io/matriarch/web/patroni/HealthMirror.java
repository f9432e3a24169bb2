package io.matriarch.web.patroni;

import io.matriarch.ha.health.HealthState;
import io.matriarch.ha.health.HealthVerdict;
import io.matriarch.ha.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** MicroProfile Health's answers, mirrored on the REST port for those who may not reach the management port. */
final class HealthMirror {
    private HealthMirror() {}

    /** Empty when the path is none of the three. */
    static Optional<Answer> of(String path, HealthState health) {
        return switch (path) {
            case "/health/live" -> Optional.of(answer(health.live()));
            case "/health/ready" -> Optional.of(answer(health.ready()));
            case "/health/started" -> Optional.of(answer(health.started()));
            default -> Optional.empty();
        };
    }

    private static Answer answer(HealthVerdict verdict) {
        Map<String, Object> check = new LinkedHashMap<>();
        check.put("name", verdict.name());
        check.put("status", verdict.status());
        check.put("data", verdict.data());
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("status", verdict.status());
        out.put("checks", List.of(check));
        return Answer.json(verdict.up() ? 200 : 503, Json.compact(out));
    }
}
