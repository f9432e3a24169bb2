package io.matriarch.tests.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.repository.Cipher;
import io.matriarch.backup.repository.DamagedException;
import io.matriarch.backup.repository.EncryptedRepository;
import io.matriarch.backup.repository.Repository;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What encryption at rest promises: the right key only, nothing but the whole, and a format that other programs read. */
class AgeCipherTest {
    private static final byte[] CONTENT = new byte[200_000];

    static {
        new Random(7).nextBytes(CONTENT);
    }

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 131_072, 200_000})
    void whatWasEncryptedDecryptsToTheSame(int size) throws IOException {
        byte[] plain = Arrays.copyOf(CONTENT, size);

        assertThat(decrypted(encrypted(plain, Keys.FIRST), Keys.FIRST)).isEqualTo(plain);
    }

    @Test
    void headerNamesTheKeyButNotTheRecipient() throws IOException {
        var header = new String(encrypted(CONTENT, Keys.FIRST), StandardCharsets.ISO_8859_1);

        assertThat(header)
                .startsWith("age-encryption.org/v1\n-> matriarch-key ")
                .doesNotContain(Keys.FIRST_RECIPIENT);
    }

    @Test
    void afterARotationOldObjectsAreReadAndNewOnesTakeTheNewKey() throws IOException {
        byte[] old = encrypted(CONTENT, Keys.FIRST);
        byte[] fresh = encrypted(CONTENT, Keys.SECOND, Keys.FIRST);

        assertThat(decrypted(old, Keys.SECOND, Keys.FIRST)).isEqualTo(CONTENT);
        assertThat(decrypted(fresh, Keys.SECOND)).isEqualTo(CONTENT);
        assertThatThrownBy(() -> decrypted(fresh, Keys.FIRST)).isInstanceOf(IOException.class);
    }

    @Test
    void wrongKeySaysWhichIsWantedAndWhichThereAre() throws IOException {
        byte[] stored = encrypted(CONTENT, Keys.FIRST);
        var header = new String(stored, 0, 100, StandardCharsets.ISO_8859_1);
        var wanted = header.lines().skip(1).findFirst().orElseThrow().replace("-> matriarch-key ", "");

        assertThatThrownBy(() -> decrypted(stored, Keys.SECOND))
                .isNotInstanceOf(DamagedException.class)
                .hasMessageContaining("base/x.age is encrypted with the key " + wanted)
                .hasMessageContaining("there are: ")
                .hasMessageContaining("(/etc/second.age)")
                .hasMessageNotContaining("AGE-SECRET-KEY");
    }

    @Test
    void eachChangedByteIsFound() throws IOException {
        byte[] stored = encrypted(CONTENT, Keys.FIRST);

        for (int at : List.of(60, 150, 210, 300, stored.length / 2, stored.length - 1)) {
            byte[] changed = stored.clone();
            changed[at] ^= 1;

            assertThatThrownBy(() -> decrypted(changed, Keys.FIRST))
                    .as("byte %d", at)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("base/x.age");
        }
    }

    @Test
    void whatWasCutOffIsNotTheWhole() throws IOException {
        byte[] stored = encrypted(CONTENT, Keys.FIRST);
        int header = stored.length - CONTENT.length - 4 * 16;

        for (int length : List.of(header, header + 65_552, header + 2 * 65_552, stored.length - 1)) {
            assertThatThrownBy(() -> decrypted(Arrays.copyOf(stored, length), Keys.FIRST))
                    .as("%d of %d bytes", length, stored.length)
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining("base/x.age");
        }
    }

    @Test
    void damagedKeyIsRefusedWithoutShowingIt() {
        var damaged = Keys.FIRST.substring(0, 30) + "Q" + Keys.FIRST.substring(31, 40) + "P" + Keys.FIRST.substring(41);

        assertThatThrownBy(() -> Places.cipher(damaged))
                .hasMessageContaining("/etc/second.age")
                .hasMessageContaining("damaged")
                .hasMessageNotContaining(damaged);
    }

    @Test
    void publicProgramReadsOursAndWeReadItsOwn() throws Exception {
        Path key = Files.writeString(directory.resolve("key"), Keys.FIRST + "\n");
        Path ours = Files.write(directory.resolve("ours.age"), encrypted(CONTENT, Keys.FIRST));
        Path opened = directory.resolve("opened");
        Path plain = Files.write(directory.resolve("plain"), CONTENT);
        Path theirs = directory.resolve("theirs.age");

        run("age", "--decrypt", "-i", key.toString(), "-o", opened.toString(), ours.toString());
        run("age", "--encrypt", "-r", Keys.FIRST_RECIPIENT, "-o", theirs.toString(), plain.toString());

        assertThat(opened).hasBinaryContent(CONTENT);
        assertThat(decrypted(Files.readAllBytes(theirs), Keys.SECOND, Keys.FIRST))
                .isEqualTo(CONTENT);
    }

    @Test
    void plainObjectIsTakenForAnIntruderUnlessAllowed() throws IOException {
        Repository inner = Places.inDirectory(directory.resolve("repository"));
        inner.create("old", out -> out.write(CONTENT));
        Cipher cipher = Places.cipher(Keys.FIRST);

        assertThatThrownBy(() -> new EncryptedRepository(inner, cipher, false, directory).open("old"))
                .hasMessageContaining("read_plain");
        var lenient = new EncryptedRepository(inner, cipher, true, directory);
        try (var in = lenient.open("old").orElseThrow()) {
            assertThat(in.readAllBytes()).isEqualTo(CONTENT);
        }
        assertThatThrownBy(() -> lenient.create("old", out -> {}))
                .isInstanceOf(java.nio.file.FileAlreadyExistsException.class);
        lenient.delete("old");
        assertThat(inner.list("")).isEmpty();
    }

    private static byte[] encrypted(byte[] plain, String... identities) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var encrypting = Places.cipher(identities).encrypting(out)) {
            encrypting.write(plain);
        }
        return out.toByteArray();
    }

    private static byte[] decrypted(byte[] stored, String... identities) throws IOException {
        try (var in = Places.cipher(identities).decrypting(new ByteArrayInputStream(stored), "base/x.age")) {
            return in.readAllBytes();
        }
    }

    private static void run(String... command) throws Exception {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
