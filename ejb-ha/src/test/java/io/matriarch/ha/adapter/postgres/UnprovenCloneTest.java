package io.matriarch.ha.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnprovenCloneTest {
    @TempDir
    Path root = Path.of("");

    @Test
    void onlyClonesThatNeverStreamedAreDeletedHoweverOldTheOthersAre() throws Exception {
        Path forgotten = Files.createDirectory(root.resolve("data.aside-20250101T000000Z"));
        Path real = Files.createDirectory(root.resolve("data.aside-20260101T000000Z"));
        Path clone = Files.createDirectory(root.resolve("data.aside-20260101T000100Z"));
        UnprovenClone.mark(clone, "pg1");

        UnprovenClone.deleteAmong(List.of(forgotten, real, clone), "pg1");

        assertThat(forgotten).exists();
        assertThat(real).exists();
        assertThat(clone).doesNotExist();
    }

    @Test
    void markOfAnotherMemberMeansNothing() throws Exception {
        Path rewound = Files.createDirectory(root.resolve("data.aside-20260101T000000Z"));
        UnprovenClone.mark(rewound, "pg2");

        UnprovenClone.deleteAmong(List.of(rewound), "pg1");

        assertThat(rewound).exists();
    }

    @Test
    void cloneThatStreamedIsRealData() throws Exception {
        Path clone = Files.createDirectory(root.resolve("data.aside-20260101T000000Z"));
        UnprovenClone.mark(clone, "pg1");
        UnprovenClone.clear(clone);

        UnprovenClone.deleteAmong(List.of(clone), "pg1");

        assertThat(clone).exists();
    }
}
