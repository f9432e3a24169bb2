package io.matriarch.backup.store.age;

import com.exceptionfactory.jagged.FileKey;
import com.exceptionfactory.jagged.RecipientStanza;
import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.UnsupportedRecipientStanzaException;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import io.matriarch.backup.repository.Cipher;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Files of age, each for the newest key. A stanza of our own in the header, which other programs skip, names the key: age itself names none,
 * and who lacks a key wants to know which.
 */
final class AgeCipher implements Cipher {
    static final String NAMING = "matriarch-key";
    private static final int BUFFER = 1 << 16;

    private final List<AgeKey> keys;

    AgeCipher(List<AgeKey> keys) {
        this.keys = List.copyOf(keys);
    }

    private record Naming(String id) implements RecipientStanza {
        @Override
        public String getType() {
            return NAMING;
        }

        @Override
        public List<String> getArguments() {
            return List.of(id);
        }

        @Override
        public byte[] getBody() {
            return new byte[0];
        }
    }

    @Override
    public OutputStream encrypting(OutputStream out) throws IOException {
        var newest = keys.getFirst();
        RecipientStanzaWriter writer = fileKey -> {
            var stanzas = new ArrayList<RecipientStanza>();
            stanzas.add(new Naming(newest.id()));
            newest.writer().getRecipientStanzas(fileKey).forEach(stanzas::add);
            return stanzas;
        };
        try {
            var channel = new StandardEncryptingChannelFactory()
                    .newEncryptingChannel(Channels.newChannel(out), List.of(writer));
            return new java.io.BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot encrypt with the key of " + newest.origin() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public InputStream decrypting(InputStream in, String name) throws IOException {
        var chosen = new Chosen(keys);
        try {
            var channel = new StandardDecryptingChannelFactory()
                    .newDecryptingChannel(Channels.newChannel(in), List.of(chosen));
            return new Whole(Channels.newInputStream(channel), name);
        } catch (UnsupportedRecipientStanzaException e) {
            throw new IOException(
                    name + " is encrypted with the key " + chosen.wanted + ", and there is none of that id in"
                            + " matriarch.backup.encryption.keys; there are: "
                            + keys.stream()
                                    .map(k -> k.id() + " (" + k.origin() + ")")
                                    .collect(Collectors.joining(", ")),
                    e);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    name + " is no whole object of the key " + chosen.wanted
                            + ": its beginning was changed or is not from age (" + e.getMessage() + ")",
                    e);
        }
    }

    /** Opens with the key that the header names; with any, where another program wrote it. */
    private static final class Chosen implements RecipientStanzaReader {
        private final List<AgeKey> keys;
        private String wanted = "of an unknown id";

        Chosen(List<AgeKey> keys) {
            this.keys = keys;
        }

        @Override
        public FileKey getFileKey(Iterable<RecipientStanza> stanzas) throws GeneralSecurityException {
            var named = false;
            for (var stanza : stanzas) {
                if (stanza.getType().equals(NAMING) && stanza.getArguments().size() == 1) {
                    wanted = stanza.getArguments().getFirst();
                    named = true;
                }
            }
            GeneralSecurityException last = new UnsupportedRecipientStanzaException("no key fits");
            for (var key : keys) {
                if (!named || key.id().equals(wanted)) {
                    try {
                        return key.reader().getFileKey(stanzas);
                    } catch (GeneralSecurityException e) {
                        last = e;
                    }
                }
            }
            throw named ? last : new UnsupportedRecipientStanzaException("no key fits");
        }
    }

    /** Says of which object a piece is wrong. */
    private static final class Whole extends FilterInputStream {
        private final String name;

        Whole(InputStream in, String name) {
            super(in);
            this.name = name;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return in.read(bytes, offset, length);
            } catch (IOException e) {
                if (e.getCause() instanceof GeneralSecurityException) {
                    throw new IOException(name + " was changed or cut off since it was stored: do not trust it", e);
                }
                throw e;
            }
        }
    }
}
