package io.matriarch.ha.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what somebody probably meant to type. */
final class NearestKey {

    private NearestKey() {}

    /** The candidate with the fewest edits from {@code typed}, if that is no more than about a third of its letters. */
    static Optional<String> of(String typed, Collection<String> candidates) {
        if (typed.length() > 60) {
            return Optional.empty();
        }
        int allowed = Math.max(1, (typed.length() + 1) / 3);
        return candidates.stream()
                .filter(candidate -> distance(typed, candidate) <= allowed)
                .min(Comparator.<String>comparingInt(candidate -> distance(typed, candidate))
                        .thenComparing(candidate -> candidate));
    }

    /** Damerau-Levenshtein distance (optimal string alignment): insert, delete, replace, swap of neighbours. */
    static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            cost[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            cost[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int replace = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(replace, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
