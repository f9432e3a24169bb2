package io.matriarch.ha.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A password or passphrase. Its text leaves only through {@link #reveal()}: logs, messages and journals show stars. */
public final class Secret {

    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    public static Secret of(String text) {
        return new Secret(text);
    }

    /** The real text. Call it only where it is handed to PostgreSQL, etcd or an HTTP peer. */
    public String reveal() {
        return text;
    }

    /** Compares in constant time, so that an answer's delay tells nothing about a guessed password. */
    public boolean matches(String guess) {
        return MessageDigest.isEqual(bytes(text), bytes(guess));
    }

    private static byte[] bytes(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that && matches(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return "********";
    }
}
