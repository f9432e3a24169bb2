package io.matriarch.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.restore.Site.Forbidden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteTest {
    @TempDir
    Path root;

    private Forbidden data;

    @BeforeEach
    void place() throws IOException {
        data = new Forbidden(Files.createDirectories(root.resolve("pg/data")), "the data directory");
    }

    @Test
    void itselfWhatIsInItAndWhatHoldsIt() throws IOException {
        assertThat(data.touches(root.resolve("pg/data"))).isTrue();
        assertThat(data.touches(root.resolve("pg/data/base/new"))).isTrue();
        assertThat(data.touches(root.resolve("pg"))).isTrue();
    }

    @Test
    void aNeighbourIsFree() throws IOException {
        assertThat(data.touches(root.resolve("pg/data2"))).isFalse();
        assertThat(data.touches(root.resolve("aside"))).isFalse();
    }

    @Test
    void linksAreSeenThrough() throws IOException {
        Files.createSymbolicLink(root.resolve("link"), root.resolve("pg/data"));
        Files.createSymbolicLink(root.resolve("up"), root.resolve("pg"));

        assertThat(data.touches(root.resolve("link"))).isTrue();
        assertThat(data.touches(root.resolve("link/aside"))).isTrue();
        assertThat(data.touches(root.resolve("up/data/aside"))).isTrue();
        assertThat(data.touches(root.resolve("up/aside"))).isFalse();
    }
}
