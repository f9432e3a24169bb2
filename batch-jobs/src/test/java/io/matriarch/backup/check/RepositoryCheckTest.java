package io.matriarch.backup.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryCheckTest {

    @TempDir
    Path repository;

    @Test
    void writableDirectoryPassesAndStaysAsItWas() throws IOException {
        long freeBytes = new RepositoryCheck(repository).run();

        assertThat(freeBytes).isPositive();
        assertThat(repository).isEmptyDirectory();
    }

    @Test
    void whatAKilledCheckLeftGoes() throws IOException {
        Path left = Files.createFile(repository.resolve(".matriarch-probe-4711"));
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        Path running = Files.createFile(repository.resolve(".matriarch-probe-4712"));
        Path other = Files.createFile(repository.resolve("other"));

        new RepositoryCheck(repository).run();

        assertThat(left).doesNotExist();
        assertThat(running).exists();
        assertThat(other).exists();
    }

    @Test
    void missingDirectoryIsNotMade() {
        Path missing = repository.resolve("missing");

        assertThatThrownBy(() -> new RepositoryCheck(missing).run())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("missing");
        assertThat(missing).doesNotExist();
    }

    @Test
    void fileIsNoRepository() throws IOException {
        Path file = Files.createFile(repository.resolve("file"));

        assertThatThrownBy(() -> new RepositoryCheck(file).run()).hasMessageContaining("is not a directory");
    }
}
