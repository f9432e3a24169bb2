package io.matriarch.backup.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.node.TokenGuard.StaleTokenException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenGuardTest {
    @TempDir
    Path state;

    @Test
    void theSameAndANewerTokenPass() throws IOException {
        var guard = new TokenGuard(file());

        guard.accept(7, "m1");
        guard.accept(7, "m1");
        guard.accept(9, "m2");

        assertThat(file()).content().contains("9", "m2");
    }

    @Test
    void anOlderOneIsRefusedAndTheNewerManagerNamed() throws IOException {
        var guard = new TokenGuard(file());
        guard.accept(9, "m2");

        assertThatThrownBy(() -> guard.accept(7, "m1"))
                .isInstanceOf(StaleTokenException.class)
                .hasMessageContaining("7 of m1")
                .hasMessageContaining("9 of m2");
    }

    @Test
    void aRestartForgetsNothing() throws IOException {
        new TokenGuard(file()).accept(9, "m2");

        assertThatThrownBy(() -> new TokenGuard(file()).accept(8, "m1")).isInstanceOf(StaleTokenException.class);
        new TokenGuard(file()).accept(9, "m2");
    }

    @Test
    void nothingPassesWhileTheRecordIsUnreadable() throws IOException {
        Files.writeString(file(), "{\"tok");

        assertThatThrownBy(() -> new TokenGuard(file()).accept(1_000_000, "m1"))
                .isNotInstanceOf(StaleTokenException.class)
                .hasMessageContaining(file().toString());
        assertThat(file()).hasContent("{\"tok");
    }

    @Test
    void whatCouldNotBeRecordedHasNotPassed() throws IOException {
        var guard = new TokenGuard(state.resolve("missing").resolve("token"));

        assertThatThrownBy(() -> guard.accept(7, "m1")).isInstanceOf(IOException.class);
        Files.createDirectory(state.resolve("missing"));
        guard.accept(5, "m1");
    }

    private Path file() {
        return state.resolve("token");
    }
}
