package io.matriarch.backup.restore;

import io.matriarch.backup.node.NodeWork;
import io.matriarch.ha.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The node's half of a restore: the plan of one, or a step. */
@ApplicationScoped
public class RestoreWork implements NodeWork {
    static final String KIND = "restore";
    static final String REQUEST = "request";
    /** Without it a plan is wanted. */
    static final String STEP = "step";

    static final String PLAN = "plan";
    static final String REFUSED = "refused";
    static final String WORKED = "worked";
    static final String HANDED_OVER = "handed_over";

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, Object> run(JsonObject order, Means means) throws IOException {
        var request = request(order);
        var here = new RestoreHere(Sites.of(means, new Watched(means.halt(), means.telling())), means.telling());
        try {
            if (!order.has(STEP)) {
                return Map.of(PLAN, here.preview(request));
            }
            var word = order.string(STEP).orElse("");
            var step = RestoreStep.of(word)
                    .orElseThrow(() -> new IOException("this node's version knows no step \"" + word + "\""));
            var done = here.run(request, step);
            Map<String, Object> out = new LinkedHashMap<>();
            out.put(WORKED, done.worked());
            out.put(HANDED_OVER, done.handedOver());
            return out;
        } catch (RefusedException e) {
            return Map.of(REFUSED, e.refusal().document());
        }
    }

    private static RestoreRequest request(JsonObject order) throws IOException {
        try {
            return RestoreRequest.parse(order.object(REQUEST).orElseGet(() -> new JsonObject(Map.of())));
        } catch (RestoreRequest.BadInput e) {
            throw new IOException("the order's request is none: " + e.getMessage(), e);
        }
    }
}
