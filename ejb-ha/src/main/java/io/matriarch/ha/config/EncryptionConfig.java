package io.matriarch.ha.config;

import java.util.List;

/**
 * Section {@code matriarch.backup.encryption}.
 *
 * @param keys the first encrypts, each may decrypt; never empty
 * @param readPlain whether objects from before the encryption are read too
 */
public record EncryptionConfig(List<Key> keys, boolean readPlain) {

    public EncryptionConfig {
        keys = List.copyOf(keys);
    }

    /**
     * An identity of age.
     *
     * @param origin the file or the environment variable that it came from, for messages
     * @param identity its one line {@code AGE-SECRET-KEY-1...}
     */
    public record Key(String origin, Secret identity) {}
}
