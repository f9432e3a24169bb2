package io.matriarch.backup.repository;

import io.matriarch.ha.config.EncryptionConfig;
import java.io.IOException;

/** Makes ciphers. An implementation has a constructor without arguments. */
public interface CipherMaker {

    /** @throws IOException if a key cannot be used: says which, and nothing of it */
    Cipher make(EncryptionConfig config) throws IOException;
}
