package io.matriarch.ha.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used; carries all that is wrong with it, warnings included. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** At least one error; errors first. */
    public List<Problem> problems() {
        return problems;
    }
}
