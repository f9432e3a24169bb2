package io.matriarch.web.patroni;

import io.matriarch.ha.api.Sizes;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The query of a health check.
 *
 * @param lagBytes a replica further behind is not healthy; empty: no limit was given, or one that cannot be read
 * @param replicationState a replica must be in this state
 * @param tags what the member's tags must say
 * @param written {@code mode=write}: lag is counted from what was received, not from what was replayed
 */
record HealthQuery(
        OptionalLong lagBytes, Optional<String> replicationState, Map<String, String> tags, boolean written) {
    static final HealthQuery NONE = new HealthQuery(OptionalLong.empty(), Optional.empty(), Map.of(), false);
    private static final String TAG = "tag_";

    HealthQuery {
        tags = Map.copyOf(tags);
    }

    /** Reads a raw query; of a repeated key the first value counts, and a blank value is no value. */
    static HealthQuery parse(String raw) {
        if (raw.isEmpty()) {
            return NONE;
        }
        Map<String, String> values = values(raw);
        Map<String, String> tags = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(TAG)) {
                tags.put(key.substring(TAG.length()), value);
            }
        });
        OptionalLong lag =
                Optional.ofNullable(values.get("lag")).map(Sizes::bytes).orElse(OptionalLong.empty());
        return new HealthQuery(
                lag, Optional.ofNullable(values.get("replication_state")), tags, "write".equals(values.get("mode")));
    }

    static Map<String, String> values(String raw) {
        Map<String, String> out = new LinkedHashMap<>();
        for (String pair : raw.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0 && equals < pair.length() - 1) {
                out.putIfAbsent(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return out;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
