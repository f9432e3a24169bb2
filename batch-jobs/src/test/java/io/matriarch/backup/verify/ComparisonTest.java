package io.matriarch.backup.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private static ProofDocument before(Map<String, Long> rows, Map<String, String> objects) {
        return new ProofDocument(NOON, NOON, true, false, rows, objects, List.of());
    }

    @Test
    void whatIsThereStillIsNoLoss() {
        var earlier = before(Map.of("shop.public.orders", 100L), Map.of("shop: table public.orders", "a"));

        assertThat(Comparison.losses(
                        earlier,
                        Map.of("shop.public.orders", 50L, "shop.public.more", 1L),
                        Map.of("shop: table public.orders", "b"),
                        50))
                .isEmpty();
    }

    @Test
    void whatVanishedAndWhatShrankIsNamed() {
        var earlier = before(
                Map.of("shop.public.orders", 100L, "shop.public.gone", 5L),
                Map.of("shop: table public.gone", "a", "database old", ""));

        assertThat(Comparison.losses(earlier, Map.of("shop.public.orders", 49L), Map.of(), 50))
                .containsExactly(
                        "database old vanished since 2026-11-23T12:00:00Z",
                        "shop: table public.gone vanished since 2026-11-23T12:00:00Z",
                        "shop.public.orders has 49 rows, it had 100 at 2026-11-23T12:00:00Z");
    }

    @Test
    void zeroPercentToleratesNoRow() {
        var earlier = before(Map.of("t", 100L), Map.of());

        assertThat(Comparison.losses(earlier, Map.of("t", 99L), Map.of(), 0)).hasSize(1);
        assertThat(Comparison.losses(earlier, Map.of("t", 0L), Map.of(), 100)).isEmpty();
    }

    @Test
    void notMoreIsToldThanAPersonReads() {
        var many = IntStream.range(0, 25).mapToObj(n -> "table " + n).toList();

        assertThat(Comparison.words(many)).startsWith("table 0; ").endsWith("table 9; and 15 more");
    }
}
