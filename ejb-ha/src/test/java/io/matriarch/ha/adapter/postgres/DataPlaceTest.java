package io.matriarch.ha.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataPlaceTest {
    @TempDir
    Path root = Path.of("");

    private Path directory(String name, String content) throws Exception {
        Path directory = Files.createDirectories(root.resolve(name));
        Files.createDirectory(directory.resolve("global"));
        Files.writeString(directory.resolve("global/pg_control"), content);
        Files.writeString(directory.resolve("PG_VERSION"), content);
        return directory;
    }

    @Test
    void newDirectoryTakesThePlaceAndTheOldOneIsKept() throws Exception {
        Path data = directory("data", "old");
        DataPlace place = DataPlace.of(data);
        Path incoming = place.fresh("incoming", "20261123T000000Z");
        Files.move(directory("made", "new"), incoming);
        Path aside = place.takeIn(incoming, Map.of(), "20261123T000000Z").orElseThrow();
        assertThat(data.resolve("PG_VERSION")).hasContent("new");
        assertThat(aside.resolve("global/pg_control")).hasContent("old");
        assertThat(place.all("aside")).containsExactly(aside);
        assertThat(place.all("incoming")).isEmpty();
    }

    @Test
    void emptyDirectoryIsReplacedAndLeavesNothing() throws Exception {
        Path data = Files.createDirectory(root.resolve("data"));
        DataPlace place = DataPlace.of(data);
        Path incoming = directory("data.incoming-20261123T000000Z", "new");
        assertThat(place.takeIn(incoming, Map.of(), "20261123T000000Z")).isEmpty();
        assertThat(data.resolve("PG_VERSION")).hasContent("new");
    }

    @Test
    void tablespaceOutsideMovesWithItsDirectory() throws Exception {
        Path space = Files.createDirectory(root.resolve("space"));
        Files.writeString(space.resolve("f"), "old");
        Path made = Files.createDirectory(root.resolve("space.incoming-20261123T000000Z"));
        Files.writeString(made.resolve("f"), "new");
        Path data = directory("data", "old");
        Files.createSymbolicLink(
                Files.createDirectory(data.resolve("pg_tblspc")).resolve("16384"), space);
        Path incoming = directory("data.incoming-20261123T000000Z", "new");
        Files.createSymbolicLink(
                Files.createDirectory(incoming.resolve("pg_tblspc")).resolve("16384"), made);
        DataPlace place = DataPlace.of(data);
        Path aside =
                place.takeIn(incoming, Map.of(space, made), "20261123T000000Z").orElseThrow();
        assertThat(data.resolve("pg_tblspc/16384/f")).hasContent("new");
        assertThat(Files.readSymbolicLink(data.resolve("pg_tblspc/16384"))).isEqualTo(space);
        assertThat(aside.resolve("pg_tblspc/16384/f")).hasContent("old");
        DataPlace.delete(aside);
        assertThat(root.resolve("space.aside-20261123T000000Z")).doesNotExist();
        assertThat(space.resolve("f")).hasContent("new");
    }

    @Test
    void linkToTheDirectoryStays() throws Exception {
        Path real = directory("volume/pg", "old");
        Path data = Files.createSymbolicLink(root.resolve("data"), real);
        DataPlace place = DataPlace.of(data);
        Path incoming = directory("volume/pg.incoming-20261123T000000Z", "new");
        place.takeIn(incoming, Map.of(), "20261123T000000Z");
        assertThat(Files.isSymbolicLink(data)).isTrue();
        assertThat(data.resolve("PG_VERSION")).hasContent("new");
    }

    @Test
    void whereTheParentIsClosedAllHappensInside() throws Exception {
        Path data = directory("data", "old");
        DataPlace place = DataPlace.inside(data);
        Path incoming = place.fresh("incoming", "20261123T000000Z");
        assertThat(incoming).isEqualTo(data.resolve("pgsql_tmp.incoming-20261123T000000Z"));
        Files.move(directory("made", "new"), incoming);
        Path aside = place.takeIn(incoming, Map.of(), "20261123T000000Z").orElseThrow();
        assertThat(data.resolve("global/pg_control")).hasContent("new");
        assertThat(aside.resolve("global/pg_control")).hasContent("old");
        assertThat(aside).isEqualTo(data.resolve("pgsql_tmp.aside-20261123T000000Z"));
        assertThat(place.all("incoming")).isEmpty();
    }
}
