package io.matriarch.web.api;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a number from the query of an address. */
final class QueryNumber {
    private QueryNumber() {}

    /**
     * The number; empty when it is absent or wrong.
     *
     * @param problems gets a sentence with what is allowed if it is wrong
     */
    static Optional<Long> read(String name, @Nullable String text, long least, long most, List<String> problems) {
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        if (text.matches("[0-9]{1,18}")) {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return Optional.of(value);
            }
        }
        problems.add(name + " is a number of at least " + least + (most == Long.MAX_VALUE ? "" : ", at most " + most));
        return Optional.empty();
    }
}
