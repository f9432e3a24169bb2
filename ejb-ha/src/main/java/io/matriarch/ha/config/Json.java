package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Kind;
import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import io.matriarch.ha.config.Node.Sequence;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The dynamic configuration's JSON to and from {@link Node}. Of our own, because {@link ConfigTool} runs without the
 * server's JSON library and because a stored {@code null} means something (a slot without properties).
 */
public final class Json {

    private static final int DEPTH_LIMIT = 50;
    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");

    private final String text;
    private int position;

    private Json(String text) {
        this.text = text;
    }

    /** The value of {@code text}; empty if it is not exactly one well-formed JSON value of sane depth. */
    public static Optional<Node> parse(String text) {
        try {
            Json json = new Json(text);
            Node node = json.value(0);
            json.skipBlanks();
            return json.position == text.length() ? Optional.of(node) : Optional.empty();
        } catch (NotJson e) {
            return Optional.empty();
        }
    }

    /** Compact JSON in the order of the tree. */
    public static String write(Node node) {
        StringBuilder out = new StringBuilder();
        write(node, out);
        return out.toString();
    }

    private static void write(Node node, StringBuilder out) {
        switch (node) {
            case Scalar scalar -> writeScalar(scalar, out);
            case Sequence sequence -> {
                out.append('[');
                for (Iterator<Node> items = sequence.items().iterator(); items.hasNext(); ) {
                    write(items.next(), out);
                    out.append(items.hasNext() ? "," : "");
                }
                out.append(']');
            }
            case Mapping mapping -> {
                out.append('{');
                for (Iterator<Map.Entry<String, Node>> entries = mapping.entries().entrySet().iterator(); entries.hasNext(); ) {
                    Map.Entry<String, Node> entry = entries.next();
                    writeText(entry.getKey(), out);
                    out.append(':');
                    write(entry.getValue(), out);
                    out.append(entries.hasNext() ? "," : "");
                }
                out.append('}');
            }
        }
    }

    private static void writeScalar(Scalar scalar, StringBuilder out) {
        switch (scalar.kind()) {
            case NULL -> out.append("null");
            case FLAG, INTEGER -> out.append(scalar.text());
            case DECIMAL -> out.append(new BigDecimal(scalar.text()));
            case TEXT -> writeText(scalar.text(), out);
        }
    }

    private static void writeText(String value, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static final class NotJson extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private Node value(int depth) throws NotJson {
        if (depth > DEPTH_LIMIT) {
            throw new NotJson();
        }
        skipBlanks();
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> Scalar.text(string());
            case 't' -> word("true", Scalar.flag(true));
            case 'f' -> word("false", Scalar.flag(false));
            case 'n' -> word("null", Scalar.NULL);
            default -> number();
        };
    }

    private Node object(int depth) throws NotJson {
        Map<String, Node> entries = new LinkedHashMap<>();
        expect('{');
        skipBlanks();
        if (peek() == '}') {
            position++;
            return Mapping.of(entries);
        }
        while (true) {
            skipBlanks();
            String key = string();
            skipBlanks();
            expect(':');
            entries.put(key, value(depth + 1));
            skipBlanks();
            if (peek() == '}') {
                position++;
                return Mapping.of(entries);
            }
            expect(',');
        }
    }

    private Node array(int depth) throws NotJson {
        List<Node> items = new ArrayList<>();
        expect('[');
        skipBlanks();
        if (peek() == ']') {
            position++;
            return new Sequence(items, Location.NOWHERE);
        }
        while (true) {
            items.add(value(depth + 1));
            skipBlanks();
            if (peek() == ']') {
                position++;
                return new Sequence(items, Location.NOWHERE);
            }
            expect(',');
        }
    }

    private Node number() throws NotJson {
        Matcher matcher = NUMBER.matcher(text).region(position, text.length());
        if (!matcher.lookingAt()) {
            throw new NotJson();
        }
        position = matcher.end();
        boolean whole = matcher.group(1) == null && matcher.group(2) == null;
        return new Scalar(whole ? Kind.INTEGER : Kind.DECIMAL, matcher.group(), Location.NOWHERE);
    }

    private Node word(String word, Scalar value) throws NotJson {
        if (!text.startsWith(word, position)) {
            throw new NotJson();
        }
        position += word.length();
        return value;
    }

    private String string() throws NotJson {
        expect('"');
        StringBuilder out = new StringBuilder();
        while (true) {
            char c = peek();
            position++;
            if (c == '"') {
                return out.toString();
            }
            if (c < ' ') {
                throw new NotJson();
            }
            out.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() throws NotJson {
        char c = peek();
        position++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> codeUnit();
            default -> throw new NotJson();
        };
    }

    private char codeUnit() throws NotJson {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw new NotJson();
            }
            position++;
            unit = unit * 16 + digit;
        }
        return (char) unit;
    }

    private char peek() throws NotJson {
        if (position >= text.length()) {
            throw new NotJson();
        }
        return text.charAt(position);
    }

    private void expect(char wanted) throws NotJson {
        if (peek() != wanted) {
            throw new NotJson();
        }
        position++;
    }

    private void skipBlanks() {
        while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
    }
}
