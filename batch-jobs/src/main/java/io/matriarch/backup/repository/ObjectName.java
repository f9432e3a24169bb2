package io.matriarch.backup.repository;

import java.util.regex.Pattern;

/** What may be the name of an object, in every store alike. */
final class ObjectName {
    private static final int LONGEST = 512;
    /** Each part begins with a letter or a digit: no hidden files, nothing that leads upwards. */
    private static final Pattern ALLOWED =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._=+-]*(/[A-Za-z0-9][A-Za-z0-9._=+-]*)*");

    private ObjectName() {}

    /** @throws IllegalArgumentException if it is none */
    static String checked(String name) {
        if (name.length() > LONGEST || !ALLOWED.matcher(name).matches()) {
            throw new IllegalArgumentException("not the name of an object in a repository: '" + name
                    + "'; parts of letters, digits and . _ = + - with slashes between are allowed, each beginning with a letter or"
                    + " a digit, " + LONGEST + " characters together");
        }
        return name;
    }
}
