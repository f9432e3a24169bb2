package io.matriarch.ha.model;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A member's effective tags. Known ones have accessors with Patroni's semantics; the rest is free and matched by {@code tag_<key>=}.
 *
 * @param values every published tag, value as text ({@code true}, {@code 1}, free text)
 */
public record Tags(Map<String, String> values) {
    public static final Tags NONE = new Tags(Map.of());
    private static final int DEFAULT_PRIORITY = 1;

    public Tags {
        values = java.util.Collections.unmodifiableMap(new TreeMap<>(values));
    }

    /** {@code nofailover} wins over {@code failover_priority}; a priority of 0 or less means the same. */
    public boolean nofailover() {
        return is("nofailover")
                || (!values.containsKey("nofailover")
                        && priorityTag().filter(p -> p <= 0).isPresent());
    }

    /** Preference at equal WAL position; higher wins. 0 when the member must not lead. */
    public int failoverPriority() {
        return nofailover() ? 0 : priorityTag().filter(p -> p > 0).orElse(DEFAULT_PRIORITY);
    }

    public boolean noloadbalance() {
        return is("noloadbalance");
    }

    public boolean clonefrom() {
        return is("clonefrom");
    }

    public boolean nosync() {
        return is("nosync");
    }

    public boolean nostream() {
        return is("nostream");
    }

    public Optional<MemberName> replicatefrom() {
        return Optional.ofNullable(values.get("replicatefrom"))
                .filter(v -> !v.isBlank())
                .map(MemberName::new);
    }

    private boolean is(String tag) {
        return switch (values.getOrDefault(tag, "").toLowerCase(java.util.Locale.ROOT)) {
            case "true", "on", "yes", "1" -> true;
            default -> false;
        };
    }

    private Optional<Integer> priorityTag() {
        try {
            return Optional.ofNullable(values.get("failover_priority")).map(v -> Integer.parseInt(v.strip()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
