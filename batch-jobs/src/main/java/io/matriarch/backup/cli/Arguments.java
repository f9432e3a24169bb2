package io.matriarch.backup.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What stands on a command line behind the command.
 *
 * @param values of the options that have one
 * @param flags the options that have none
 * @param names what is no option
 */
record Arguments(Map<String, String> values, Set<String> flags, List<String> names) {

    /** The line says what is wrong with it; followed by the command's help. */
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    /**
     * Reads a line.
     *
     * @param valued options that have a value, with what is allowed for it
     * @param plain options that have none
     */
    static Arguments read(List<String> line, Map<String, String> valued, Set<String> plain) throws UsageException {
        Map<String, String> values = new HashMap<>();
        var flags = new ArrayList<String>();
        var names = new ArrayList<String>();
        var rest = new ArrayList<>(line);
        while (!rest.isEmpty()) {
            var word = rest.removeFirst();
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            var option = equals < 0 ? word : word.substring(0, equals);
            if (valued.containsKey(option)) {
                if (equals < 0 && rest.isEmpty()) {
                    throw new UsageException(option + " needs a value: " + valued.get(option));
                }
                values.put(option, equals < 0 ? rest.removeFirst() : word.substring(equals + 1));
            } else if (plain.contains(word)) {
                flags.add(word);
            } else if (word.startsWith("-")) {
                throw new UsageException("unknown option " + word);
            } else {
                names.add(word);
            }
        }
        return new Arguments(Map.copyOf(values), Set.copyOf(flags), List.copyOf(names));
    }

    Optional<String> value(String option) {
        return Optional.ofNullable(values.get(option));
    }

    /** Those of the options that have a value, as the query of an address: under their names, without the dashes. */
    String query(String... options) {
        var query = new StringBuilder();
        for (String option : options) {
            value(option)
                    .ifPresent(value -> query.append(query.isEmpty() ? '?' : '&')
                            .append(option.substring(2))
                            .append('=')
                            .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
        }
        return query.toString();
    }

    boolean has(String flag) {
        return flags.contains(flag);
    }

    /** Whether JSON is wanted, by {@code -o}. */
    boolean json() throws UsageException {
        var format = value("-o");
        if (format.filter(f -> !f.equals("json")).isPresent()) {
            throw new UsageException("-o is \"" + format.get() + "\"; allowed: json");
        }
        return format.isPresent();
    }
}
