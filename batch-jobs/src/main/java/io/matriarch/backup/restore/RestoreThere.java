package io.matriarch.backup.restore;

import io.matriarch.backup.node.NodeClient;
import io.matriarch.backup.node.NodeWork.Telling;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The manager's half of a restore on a member's machine. */
final class RestoreThere implements RestorePlace {
    private final NodeClient node;
    private final Halt halt;
    private final Telling telling;

    RestoreThere(NodeClient node, Halt halt, Telling telling) {
        this.node = node;
        this.halt = halt;
        this.telling = telling;
    }

    @Override
    public Map<String, Object> preview(RestoreRequest request) throws IOException {
        return run(order(request))
                .object(RestoreWork.PLAN)
                .map(JsonObject::values)
                .orElseThrow(() -> new IOException(node.node() + " returned no plan"));
    }

    @Override
    public Done run(RestoreRequest request, RestoreStep step) throws IOException {
        var order = order(request);
        order.put(RestoreWork.STEP, step.word());
        var result = run(order);
        return new Done(
                result.is(RestoreWork.WORKED),
                result.string(RestoreWork.HANDED_OVER).orElse(""));
    }

    private static Map<String, Object> order(RestoreRequest request) {
        Map<String, Object> order = new LinkedHashMap<>();
        order.put(RestoreWork.REQUEST, request.document());
        return order;
    }

    private JsonObject run(Map<String, Object> order) throws IOException {
        var result = node.run(RestoreWork.KIND, order, halt, telling);
        var refused = result.object(RestoreWork.REFUSED);
        if (refused.isPresent()) {
            try {
                throw new RefusedException(Refusal.parse(refused.get()));
            } catch (IllegalArgumentException e) {
                throw new IOException(node.node() + " refuses: " + refused.get().values(), e);
            }
        }
        return result;
    }
}
