package io.matriarch.ha.config;

/**
 * Something wrong or doubtful in a configuration.
 *
 * @param severity errors keep the agent from starting; warnings do not
 * @param key dotted path, as in {@code postgresql.listen}; empty if the whole file is meant
 * @param message what is wrong and what is allowed, as the end of a sentence that begins with the key; never a secret
 * @param at where it was written
 */
public record Problem(Severity severity, String key, String message, Location at) {

    private static final int LONGEST = 400;

    public Problem {
        key = oneLine(key);
        message = oneLine(message);
    }

    /** A wrong value may hold anything; a problem stays one readable line. */
    private static String oneLine(String text) {
        String clean = text.replaceAll("\\p{Cntrl}|[\\u2028\\u2029]", "?");
        return clean.length() <= LONGEST ? clean : clean.substring(0, LONGEST) + "...";
    }

    /** How bad it is. */
    public enum Severity {
        ERROR,
        WARNING
    }

    static Problem error(String key, String message, Location at) {
        return new Problem(Severity.ERROR, key, message, at);
    }

    static Problem warning(String key, String message, Location at) {
        return new Problem(Severity.WARNING, key, message, at);
    }

    /** {@code file.yml:12: error: postgresql.listen: "x" is not ...}. */
    @Override
    public String toString() {
        String place = at.toString().isEmpty() ? "" : at + ": ";
        String subject = key.isEmpty() ? "" : key + ": ";
        return place + (severity == Severity.ERROR ? "error: " : "warning: ") + subject + message;
    }
}
