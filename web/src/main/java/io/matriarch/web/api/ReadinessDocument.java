package io.matriarch.web.api;

import io.matriarch.ha.model.Readiness;
import java.util.LinkedHashMap;
import java.util.Map;

/** Fail-over readiness as JSON. */
final class ReadinessDocument {
    private ReadinessDocument() {}

    static Map<String, Object> of(Readiness readiness) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("ready", readiness.successor().isPresent());
        out.put("successor", readiness.successor().map(n -> n.value()));
        out.put(
                "withinSeconds",
                readiness.successor().map(n -> readiness.within().toMillis() / 1000.0));
        out.put("lossBytes", readiness.lossBytes());
        out.put("because", readiness.because());
        out.put("rejected", DecisionDocument.rejected(readiness.rejected()));
        return out;
    }
}
