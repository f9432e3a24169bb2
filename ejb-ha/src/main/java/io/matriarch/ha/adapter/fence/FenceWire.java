package io.matriarch.ha.adapter.fence;

import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.port.FenceKeeper.Event;
import io.matriarch.ha.port.FenceKeeper.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The text of the fence's protocol (deploy/fence/README.md). Pure; malformed text throws {@link IllegalArgumentException}. */
final class FenceWire {
    /** The protocol version that this client speaks. */
    static final String VERSION = "1";

    /** A line that is longer is not a line of this protocol. */
    static final int MAX_LINE_BYTES = 262_144;

    private static final String PLAIN = "-._~/:,+@";

    private FenceWire() {}

    /** One line of words that the fence answers. Words are percent-encoded here. */
    static String request(List<String> words) {
        return words.stream().map(FenceWire::encode).collect(Collectors.joining(" "));
    }

    static String encode(String word) {
        var out = new StringBuilder(word.length());
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0)) {
                out.append(c);
            } else {
                out.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
            }
        }
        return out.toString();
    }

    static String decode(String token) {
        if (token.indexOf('%') < 0) {
            return token;
        }
        var out = new ByteArrayOutputStream(token.length());
        byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                out.write(bytes[i]);
            } else {
                int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
                int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw new IllegalArgumentException("bad percent-encoding: " + token);
                }
                out.write(high * 16 + low);
                i += 2;
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** What one line from the fence is. */
    sealed interface Line {
        /** Asked for and done. */
        record Ok(Map<String, String> values) implements Line {
            public Ok {
                values = Map.copyOf(values);
            }

            /** The value of a key that this answer must have. */
            String value(String key) {
                return Optional.ofNullable(values.get(key))
                        .orElseThrow(
                                () -> new IllegalArgumentException("the fence's answer lacks " + key + "=: " + values));
            }

            long number(String key) {
                return Long.parseLong(value(key));
            }
        }

        /** Asked for and refused: {@code code} for programs, {@code text} for people. */
        record Refused(String code, String text) implements Line {}

        /** Told without being asked. */
        record Told(Event event) implements Line {}

        /** An event that this version does not know. */
        record Unknown(String text) implements Line {}
    }

    static Line parse(String line) {
        String[] tokens = line.split(" ", -1);
        return switch (tokens[0]) {
            case "OK" -> new Line.Ok(values(tokens, 1));
            case "ERR" -> refused(line);
            case "EVENT" -> event(line, tokens);
            default -> throw new IllegalArgumentException("not a line of the fence: " + line);
        };
    }

    /** The view in the answer to HELLO and STATUS. */
    static FenceView view(Line.Ok answer) {
        if (!answer.value("version").equals(VERSION)) {
            throw new IllegalArgumentException(
                    "the fence speaks protocol version " + answer.value("version") + ", not " + VERSION);
        }
        long deadline = answer.number("deadline");
        String proof = answer.value("proof");
        return new FenceView(
                FenceView.State.valueOf(answer.value("state")),
                answer.number("postmaster"),
                deadline == 0 ? Optional.empty() : Optional.of(new MonotonicTime(deadline)),
                proof.isEmpty() ? Optional.empty() : Optional.of(proof));
    }

    private static Line refused(String line) {
        String[] parts = line.split(" ", 3);
        return new Line.Refused(parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : "");
    }

    private static Line event(String line, String[] tokens) {
        String kind = tokens.length > 1 ? tokens[1] : "";
        var values = new Line.Ok(values(tokens, 2));
        return switch (kind) {
            case "POSTMASTER-DIED" ->
                new Line.Told(new Event.PostmasterDied(values.number("pid"), new MonotonicTime(values.number("at"))));
            case "EXITED" ->
                new Line.Told(new Event.Exited(
                        values.number("pid"),
                        Reason.valueOf(values.value("reason").toUpperCase(Locale.ROOT)),
                        new MonotonicTime(values.number("at"))));
            default -> new Line.Unknown(line);
        };
    }

    private static Map<String, String> values(String[] tokens, int from) {
        var values = new LinkedHashMap<String, String>();
        for (int i = from; i < tokens.length; i++) {
            int equals = tokens[i].indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("not key=value: " + tokens[i]);
            }
            values.put(tokens[i].substring(0, equals), decode(tokens[i].substring(equals + 1)));
        }
        return values;
    }
}
