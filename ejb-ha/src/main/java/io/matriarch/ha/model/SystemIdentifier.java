package io.matriarch.ha.model;

/** PostgreSQL's database system identifier as decimal text; two clusters never share one. */
public record SystemIdentifier(String value) {
    public SystemIdentifier {
        if (!isValid(value)) {
            throw new IllegalArgumentException("not a system identifier: '" + value + "'");
        }
    }

    /** The {@code initialize} key holds "" while a bootstrap runs; a real identifier is ten or more digits. */
    public static boolean isValid(String text) {
        return text.length() >= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    @Override
    public String toString() {
        return value;
    }
}
