package io.matriarch.backup.history;

import java.util.Map;
import java.util.TreeMap;

/** Parameters as the batch runtime stores them: {@code name = value}, one a line; those of the runtime itself are left out. */
final class StoredParameters {
    private static final String BETWEEN = " = ";

    private StoredParameters() {}

    static Map<String, String> parse(String stored) {
        var parameters = new TreeMap<String, String>();
        for (String line : stored.split("\n", -1)) {
            int at = line.indexOf(BETWEEN);
            if (at > 0 && !line.startsWith("jberet.") && !line.startsWith("org.jberet.")) {
                parameters.put(line.substring(0, at), line.substring(at + BETWEEN.length()));
            }
        }
        return parameters;
    }
}
