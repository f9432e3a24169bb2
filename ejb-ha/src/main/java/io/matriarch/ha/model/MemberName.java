package io.matriarch.ha.model;

import java.util.Locale;

/** The unique name of one host's agent plus its PostgreSQL. */
public record MemberName(String value) implements Comparable<MemberName> {
    private static final int MAX_SLOT_LENGTH = 63;

    public MemberName {
        if (value.isBlank()) {
            throw new IllegalArgumentException("a member name is not blank");
        }
    }

    /** The name of this member's physical slot on the leader (Patroni's mapping, so that mixed clusters agree). */
    public String slotName() {
        var out = new StringBuilder();
        value.toLowerCase(Locale.ROOT).codePoints().forEach(c -> {
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
                out.appendCodePoint(c);
            } else if (c == '-' || c == '.') {
                out.append('_');
            } else {
                out.append('u').append(String.format("%04d", c));
            }
        });
        return out.length() > MAX_SLOT_LENGTH ? out.substring(0, MAX_SLOT_LENGTH) : out.toString();
    }

    @Override
    public int compareTo(MemberName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
