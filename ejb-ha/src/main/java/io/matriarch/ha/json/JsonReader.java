package io.matriarch.ha.json;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One pass over one text. Strict, but the last of two equal keys wins, as in Python. */
final class JsonReader {
    static final int MAX_DEPTH = 100;
    private static final int MAX_LONG_DIGITS = 18;
    private static final int MAX_NUMBER_LENGTH = 400;

    private final String text;
    private int at;
    private int depth;

    JsonReader(String text) {
        this.text = text;
    }

    Object document() {
        Object value = value();
        skipBlanks();
        if (at < text.length()) {
            throw wrong("more text after the value");
        }
        return value;
    }

    private Object value() {
        skipBlanks();
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", Json.NULL);
            default -> number();
        };
    }

    private Map<String, Object> object() {
        descend();
        Map<String, Object> members = new LinkedHashMap<>();
        skipBlanks();
        if (peek() == '}') {
            at++;
        } else {
            do {
                skipBlanks();
                if (peek() != '"') {
                    throw wrong("a key was expected");
                }
                String key = string();
                skipBlanks();
                expect(':');
                members.put(key, value());
            } while (another('}'));
        }
        depth--;
        return members;
    }

    private List<Object> array() {
        descend();
        List<Object> items = new ArrayList<>();
        skipBlanks();
        if (peek() == ']') {
            at++;
        } else {
            do {
                items.add(value());
            } while (another(']'));
        }
        depth--;
        return items;
    }

    private void descend() {
        at++;
        if (++depth > MAX_DEPTH) {
            throw wrong("nested too deeply");
        }
    }

    private boolean another(char end) {
        skipBlanks();
        char c = peek();
        if (c != ',' && c != end) {
            throw wrong("',' or '" + end + "' was expected");
        }
        at++;
        return c == ',';
    }

    private String string() {
        int start = ++at;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                return text.substring(start, at++);
            }
            if (c == '\\') {
                return escaped(new StringBuilder(text.substring(start, at)));
            }
            plain(c);
        }
        throw wrong("a string does not end");
    }

    private String escaped(StringBuilder out) {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return out.toString();
            }
            if (c == '\\') {
                at++;
                out.append(escape());
            } else {
                plain(c);
                out.append(c);
            }
        }
        throw wrong("a string does not end");
    }

    private void plain(char c) {
        if (c < ' ') {
            throw wrong("a control character in a string");
        }
        at++;
    }

    private char escape() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw wrong("an unknown escape");
        };
    }

    private char unicode() {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw wrong("four hexadecimal digits were expected");
            }
            code = code * 16 + digit;
            at++;
        }
        return (char) code;
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("a value was expected");
        }
        at += word.length();
        return value;
    }

    private Object number() {
        int start = at;
        skip('-');
        int first = at;
        int digits = digits();
        if (digits > 1 && text.charAt(first) == '0') {
            throw wrong("a number begins with 0");
        }
        boolean whole = true;
        if (skip('.')) {
            whole = false;
            digits();
        }
        if (skip('e') || skip('E')) {
            whole = false;
            if (!skip('+')) {
                skip('-');
            }
            digits();
        }
        if (at - start > MAX_NUMBER_LENGTH) {
            throw wrong("a number is too long");
        }
        String found = text.substring(start, at);
        return whole ? whole(found, digits) : fraction(found);
    }

    private static Object whole(String digits, int count) {
        if (count <= MAX_LONG_DIGITS) {
            return Long.parseLong(digits);
        }
        BigInteger big = new BigInteger(digits);
        return big.bitLength() < Long.SIZE ? (Object) big.longValueExact() : big;
    }

    private Double fraction(String found) {
        double value = Double.parseDouble(found);
        if (Double.isInfinite(value)) {
            throw wrong("a number is too large");
        }
        return value;
    }

    private int digits() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw wrong("a value was expected");
        }
        return at - start;
    }

    private boolean skip(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!skip(c)) {
            throw wrong("'" + c + "' was expected");
        }
    }

    private void skipBlanks() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return;
            }
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong("the text ends too early");
        }
        return text.charAt(at);
    }

    private JsonException wrong(String why) {
        return new JsonException("not JSON at character " + at + ": " + why);
    }
}
