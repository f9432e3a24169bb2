package io.matriarch.backup.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.repository.DirectoryRepository;
import io.matriarch.backup.wal.WalArchive.Put;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalArchiveTest {
    private static final SystemIdentifier SYSTEM = new SystemIdentifier("7711377175124896582");
    private static final SegmentSize SIZE = new SegmentSize(1 << 20);
    private static final SegmentName NAME = SIZE.name(new Timeline(2), 5);
    private static final String HISTORY = "1\t0/3800000\tno recovery target specified\n";

    @TempDir
    Path directory;

    private WalArchive archive;
    private Path file;

    @BeforeEach
    void open() throws IOException {
        Files.createDirectory(directory.resolve("repository"));
        archive = new WalArchive(new DirectoryRepository(directory.resolve("repository")), SYSTEM);
        file = directory.resolve("segment");
        Files.write(file, Segments.bytes(SYSTEM, SIZE, 5, (byte) 3));
    }

    @Test
    void segmentComesBackAsItWasAndIsReadableByZstdAlone() throws Exception {
        assertThat(archive.put(NAME, file)).isEqualTo(Put.STORED);

        Path back = directory.resolve("back");
        assertThat(archive.extract(NAME, back)).isTrue();
        assertThat(back).hasSameBinaryContentAs(file);
        assertThat(archive.check(NAME, directory)).contains(SIZE);
        assertThat(archive.list().segments()).containsOnlyKeys(NAME);
        assertThat(new ProcessBuilder(
                                "zstd",
                                "-tq",
                                directory
                                        .resolve("repository/wal/" + SYSTEM + "/00000002/" + NAME + ".zst")
                                        .toString())
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void onlyWhatLiesWhollyBeforeTheOldestBackupGoes() throws IOException {
        for (int number = 3; number <= 8; number++) {
            Files.write(file, Segments.bytes(SYSTEM, SIZE, number, (byte) number));
            archive.put(SIZE.name(new Timeline(number < 6 ? 1 : 2), number), file);
        }
        Files.write(file, Segments.bytes(SYSTEM, SIZE, 6, (byte) 9));
        archive.putPartial(SIZE.name(new Timeline(1), 6), file);
        archive.putHistory(new Timeline(2), HISTORY);

        assertThat(archive.expire(new Lsn(SIZE.start(7).bytes() - 1), directory))
                .isEqualTo(3);
        assertThat(archive.list().segments())
                .containsOnlyKeys(
                        SIZE.name(new Timeline(2), 6), SIZE.name(new Timeline(2), 7), SIZE.name(new Timeline(2), 8));
        assertThat(archive.list().partials()).hasSize(1);

        assertThat(archive.expire(SIZE.start(7), directory)).isEqualTo(2);
        assertThat(archive.expire(SIZE.start(100), directory)).isEqualTo(1);
        assertThat(archive.list().segments()).containsOnlyKeys(SIZE.name(new Timeline(2), 8));
        assertThat(archive.history(new Timeline(2))).contains(HISTORY);
    }

    @Test
    void sameSegmentAgainIsDone() throws IOException {
        archive.put(NAME, file);

        assertThat(archive.put(NAME, file)).isEqualTo(Put.WAS_THERE);
    }

    @Test
    void otherContentIsRefusedAndTheFirstStays() throws IOException {
        archive.put(NAME, file);
        Path other = directory.resolve("other");
        Files.write(other, Segments.bytes(SYSTEM, SIZE, 5, (byte) 4));

        assertThatThrownBy(() -> archive.put(NAME, other))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(NAME.toString())
                .hasMessageContaining(other.toString())
                .hasMessageContaining("two servers wrote the same segment");
        Path back = directory.resolve("back");
        archive.extract(NAME, back);
        assertThat(back).hasSameBinaryContentAs(file);
    }

    @Test
    void fileUnderAWrongNameIsRefused() throws IOException {
        assertThatThrownBy(() -> archive.put(SIZE.name(new Timeline(2), 6), file))
                .hasMessageContaining("is not the segment");
        Files.write(file, Segments.bytes(new SystemIdentifier("7711377175124896583"), SIZE, 5, (byte) 3));
        assertThatThrownBy(() -> archive.put(NAME, file)).hasMessageContaining("of system 7711377175124896583");
        Files.write(file, new byte[100]);
        assertThatThrownBy(() -> archive.put(NAME, file)).hasMessageContaining("does not begin as a WAL segment");
        assertThat(archive.list().segments()).isEmpty();
    }

    @Test
    void storedSegmentThatChangedIsFoundOut() throws IOException {
        archive.put(NAME, file);
        Path stored = directory.resolve("repository/wal/" + SYSTEM + "/00000002/" + NAME + ".zst");
        byte[] bytes = Files.readAllBytes(stored);
        Files.write(stored, Arrays.copyOf(bytes, bytes.length / 2));

        assertThatThrownBy(() -> archive.check(NAME, directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(NAME.toString());
    }

    @Test
    void endOfATimelineStandsBesideTheSegment() throws IOException {
        archive.putPartial(NAME, file);

        assertThat(archive.hasPartial(NAME)).isTrue();
        assertThat(archive.list().partials()).containsOnlyKeys(NAME);
        assertThat(archive.list().segments()).isEmpty();
        assertThat(archive.extract(NAME, directory.resolve("back"))).isFalse();
        assertThat(archive.extractPartial(NAME, directory.resolve("back"))).isTrue();
    }

    @Test
    void historiesMakeATree() throws IOException {
        assertThat(archive.putHistory(new Timeline(2), HISTORY)).isEqualTo(Put.STORED);
        assertThat(archive.putHistory(new Timeline(2), HISTORY)).isEqualTo(Put.WAS_THERE);

        assertThat(archive.history(new Timeline(2))).contains(HISTORY);
        assertThat(archive.timelines().timelines()).containsExactly(new Timeline(1), new Timeline(2));
        assertThatThrownBy(() -> archive.putHistory(new Timeline(2), "1\t0/3900000\tother\n"))
                .hasMessageContaining("used twice");
        assertThatThrownBy(() -> archive.putHistory(new Timeline(3), "3\t0/3900000\tother\n"))
                .hasMessageContaining("not the history of timeline 3");
    }

    @Test
    void whatDoesNotBelongThereIsNamed() throws IOException {
        Path stray = directory.resolve("repository/wal/" + SYSTEM + "/00000001/" + NAME + ".zst");
        Files.createDirectories(stray.getParent());
        Files.writeString(stray, "a segment of timeline 2 in the folder of timeline 1");

        assertThat(archive.list().unknown()).singleElement().asString().endsWith(NAME + ".zst");
        assertThat(WalArchive.systems(new DirectoryRepository(directory.resolve("repository"))))
                .containsExactly(SYSTEM);
    }
}
