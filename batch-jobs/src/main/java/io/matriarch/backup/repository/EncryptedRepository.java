package io.matriarch.backup.repository;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A repository whose objects are encrypted where they lie. Names stay readable and end with {@code .age} there, so that anybody sees what
 * they are; sizes are those of what is stored.
 */
public final class EncryptedRepository implements Repository {
    private static final String ENDING = ".age";

    private final Repository inner;
    private final Cipher cipher;
    private final boolean readPlain;
    private final Path work;

    /**
     * @param readPlain whether objects that are not encrypted are read too: from before the encryption. Else they are an error: who can write
     *     to the store could have put them there
     * @param work where a folder is filled before it is encrypted
     */
    public EncryptedRepository(Repository inner, Cipher cipher, boolean readPlain, Path work) {
        this.inner = inner;
        this.cipher = cipher;
        this.readPlain = readPlain;
        this.work = work;
    }

    @Override
    public Entry create(String name, Content content) throws IOException {
        if (readPlain
                && !inner.list(name).stream()
                        .filter(e -> e.name().equals(name))
                        .toList()
                        .isEmpty()) {
            throw new FileAlreadyExistsException(name);
        }
        return plain(inner.create(name + ENDING, out -> {
            var encrypting = cipher.encrypting(new Unclosed(out));
            content.writeTo(encrypting);
            // Not in a finally: what was broken off must not end like something whole.
            encrypting.close();
        }));
    }

    @Override
    public List<Entry> createAll(String folder, Filling filling) throws IOException {
        var entries = inner.createAll(folder, new Filling() {
            @Override
            public void fill(Path directory) throws IOException {
                encryptAll(filling, directory);
            }

            @Override
            public void publishing() throws IOException {
                filling.publishing();
            }
        });
        return entries.stream().map(EncryptedRepository::plain).toList();
    }

    private void encryptAll(Filling filling, Path directory) throws IOException {
        Path staging = Staging.create(work);
        try {
            filling.fill(staging);
            for (Path file : Staging.files(staging)) {
                encrypt(file, directory.resolve(file.getFileName() + ENDING));
                Files.delete(file);
            }
        } finally {
            Staging.delete(staging);
        }
    }

    private void encrypt(Path file, Path to) throws IOException {
        try (var in = Files.newInputStream(file);
                var out = cipher.encrypting(Files.newOutputStream(to))) {
            in.transferTo(out);
        }
    }

    @Override
    public Optional<InputStream> open(String name) throws IOException {
        var stored = inner.open(name + ENDING);
        if (stored.isEmpty()) {
            return openPlain(name);
        }
        var in = stored.get();
        try {
            return Optional.of(cipher.decrypting(new BufferedInputStream(in, 1 << 16), name + ENDING));
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    private Optional<InputStream> openPlain(String name) throws IOException {
        var plain = inner.open(name);
        if (plain.isPresent() && !readPlain) {
            plain.get().close();
            throw new IOException(
                    name + " in the repository is not encrypted: if it is from before the encryption, set"
                            + " matriarch.backup.encryption.read_plain: true for as long as there are such; else somebody put it there");
        }
        return plain;
    }

    @Override
    public List<Entry> list(String prefix) throws IOException {
        return inner.list(prefix).stream()
                .map(EncryptedRepository::plain)
                .filter(entry -> entry.name().startsWith(prefix))
                .sorted(Comparator.comparing(Entry::name))
                .distinct()
                .toList();
    }

    private static Entry plain(Entry stored) {
        String name = stored.name();
        return name.endsWith(ENDING)
                ? new Entry(name.substring(0, name.length() - ENDING.length()), stored.bytes(), stored.modifiedAt())
                : stored;
    }

    @Override
    public void delete(String name) throws IOException {
        inner.delete(name + ENDING);
        inner.delete(name);
    }

    @Override
    public Optional<Long> freeBytes() throws IOException {
        return inner.freeBytes();
    }

    @Override
    public int forgetPartials(Duration age, Instant now) throws IOException {
        return inner.forgetPartials(age, now) + Staging.forget(work, age, now);
    }

    /** What is staged here is in the way of nobody but this process, which tidies up at its start. */
    @Override
    public int forgetUnfinished(String parent) throws IOException {
        return inner.forgetUnfinished(parent);
    }

    /** The repository ends its own stream. */
    private static final class Unclosed extends java.io.FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
