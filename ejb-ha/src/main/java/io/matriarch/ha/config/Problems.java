package io.matriarch.ha.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects every problem, so that a person sees all of them at once. */
final class Problems {

    private final Set<Problem> found = new LinkedHashSet<>();

    void error(String key, String message, Location at) {
        found.add(Problem.error(key, message, at));
    }

    void warn(String key, String message, Location at) {
        found.add(Problem.warning(key, message, at));
    }

    boolean hasErrors() {
        return found.stream().anyMatch(problem -> problem.severity() == Problem.Severity.ERROR);
    }

    /** Errors first, each group in the order of the file. */
    List<Problem> sorted() {
        List<Problem> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparing(Problem::severity)
                .thenComparing(problem -> problem.at().source())
                .thenComparing(problem -> problem.at().line()));
        return List.copyOf(sorted);
    }

    List<Problem> warnings() {
        return sorted().stream()
                .filter(problem -> problem.severity() == Problem.Severity.WARNING)
                .toList();
    }
}
