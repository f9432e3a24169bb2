package io.matriarch.ha.adapter.postgres;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes values in the languages that PostgreSQL reads, so that no value can end its own quotes. */
final class Quoting {

    private Quoting() {}

    /** A value in {@code postgresql.conf}: quotes doubled, backslashes too (the file knows escapes). */
    static String setting(String value) {
        return "'" + oneLine(value).replace("\\", "\\\\").replace("'", "''") + "'";
    }

    /** Reads what {@link #setting} wrote; other text is returned as it is. */
    static String unquoteSetting(String text) {
        String t = text.strip();
        if (t.length() < 2 || !t.startsWith("'") || !t.endsWith("'")) {
            return t;
        }
        return t.substring(1, t.length() - 1).replace("''", "'").replace("\\\\", "\\");
    }

    /** A value in a libpq connection string. */
    static String connection(String value) {
        boolean plain =
                !value.isEmpty() && value.chars().noneMatch(c -> Character.isWhitespace(c) || c == '\'' || c == '\\');
        return plain ? value : "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** A string in SQL, whatever {@code standard_conforming_strings} is. */
    static String literal(String value) {
        String quoted = "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
        return value.indexOf('\\') >= 0 ? "E" + quoted : quoted;
    }

    /** A field of a password file. */
    static String passwordFile(String field) {
        return oneLine(field).replace("\\", "\\\\").replace(":", "\\:");
    }

    /** A part of a URI. */
    static String uri(String part) {
        var out = new StringBuilder();
        for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "-._~".indexOf(c) >= 0;
            out.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return out.toString();
    }

    /** Splits a command as a shell would: blanks separate, quotes and backslashes keep together; nothing is expanded. */
    static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        var word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < command.length(); i++) {
            char c = command.charAt(i);
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else if (c == '\\'
                        && quote == '"'
                        && i + 1 < command.length()
                        && "\"\\$`".indexOf(command.charAt(i + 1)) >= 0) {
                    word.append(command.charAt(++i));
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
                inWord = true;
            } else if (c == '\\' && i + 1 < command.length()) {
                word.append(command.charAt(++i));
                inWord = true;
            } else if (Character.isWhitespace(c)) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (inWord) {
            words.add(word.toString());
        }
        return List.copyOf(words);
    }

    /** A line break would begin a new entry of the file. */
    private static String oneLine(String value) {
        if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0 || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a value with a line break cannot be written into a configuration file");
        }
        return value;
    }
}
