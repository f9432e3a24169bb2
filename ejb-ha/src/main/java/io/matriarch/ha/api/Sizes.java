package io.matriarch.ha.api;

import io.matriarch.ha.config.Units;
import java.util.OptionalLong;

/** Sizes and times as people write them in a request, with PostgreSQL's units. */
public final class Sizes {
    private Sizes() {}

    /** Bytes of {@code 16kB}, {@code 64MB} or a bare number; empty when it is something else. */
    public static OptionalLong bytes(String text) {
        return Units.whole(text, "B");
    }

    /** Seconds of {@code 30}, {@code 30s} or {@code 2min}; empty when it is something else. */
    public static OptionalLong seconds(String text) {
        return Units.whole(text, "s");
    }
}
