package io.matriarch.ha.config;

/**
 * Where a value was written.
 *
 * @param source file name, or the name of an environment variable; empty if unknown
 * @param line first line is 1; 0 if there are no lines
 * @param column first column is 1; 0 if there are no columns
 */
public record Location(String source, int line, int column) {

    /** For values that come from no file: defaults, JSON read from etcd. */
    public static final Location NOWHERE = new Location("", 0, 0);

    /** A value that an environment variable set. */
    public static Location ofVariable(String variable) {
        return new Location("environment variable " + variable, 0, 0);
    }

    /** {@code file.yml:12}, the form that editors jump to. */
    @Override
    public String toString() {
        return line == 0 ? source : source + ":" + line;
    }
}
