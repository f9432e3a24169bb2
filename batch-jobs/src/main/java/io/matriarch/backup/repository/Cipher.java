package io.matriarch.backup.repository;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** How objects are encrypted at rest. Thread safe. */
public interface Cipher {

    /** Encrypts what is written, with the newest key; closing it ends the object and closes {@code out}. */
    OutputStream encrypting(OutputStream out) throws IOException;

    /**
     * Decrypts; closing it closes {@code in}. Reading fails where anything was changed or cut off.
     *
     * @param name for messages
     * @throws IOException if no key of ours fits: says which one is wanted and which there are
     */
    InputStream decrypting(InputStream in, String name) throws IOException;
}
