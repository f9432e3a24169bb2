package io.matriarch.backup.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.repository.Repository.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store's repository makes of lost answers, uploads that broke off, and other managers. */
class ObjectRepositoryTest {
    @TempDir
    Path work;

    private MemoryStore store;
    private ObjectRepository repository;

    @BeforeEach
    void empty() {
        store = new MemoryStore(Clock.systemUTC());
        repository = new ObjectRepository(store, "team/", work, Clock.systemUTC());
    }

    @Test
    void lostAnswerOfAWriteThatWasDoneIsASuccess() throws IOException {
        store.loseAnswers(key -> true);

        repository.create("wal/1", out -> out.write(7));

        assertThat(names()).containsExactly("wal/1");
    }

    @Test
    void folderSurvivesLostAnswers() throws IOException {
        store.loseAnswers(key -> true);

        repository.createAll("base/one", ObjectRepositoryTest::backup);

        assertThat(names()).containsExactly("base/one/backup.json", "base/one/base.tar");
    }

    @Test
    void storeThatKnowsNoConditionIsAskedBefore() throws IOException {
        store.overlookConditions();
        repository.create("wal/1", out -> out.write(7));

        assertThatThrownBy(() -> repository.create("wal/1", out -> out.write(8)))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("memory://here");
    }

    @Test
    void uploadThatBrokeOffIsHiddenUntilItIsForgotten() throws IOException {
        repository.create("base/zero/backup.json", out -> out.write(1));
        store.cutOff(doing -> doing.equals("writing team/base/one/backup.json") || doing.startsWith("deleting"));
        assertThatThrownBy(() -> repository.createAll("base/one", ObjectRepositoryTest::backup))
                .isInstanceOf(StoreException.class);
        store.cutOff(doing -> false);

        assertThat(names()).containsExactly("base/zero/backup.json");
        assertThat(repository.forgetPartials(Duration.ofDays(2), Instant.now())).isZero();
        assertThat(repository.forgetPartials(
                        Duration.ofMinutes(1), Instant.now().plus(Duration.ofHours(23))))
                .as("nobody sees whether a large file is being uploaded")
                .isZero();
        assertThat(repository.forgetPartials(
                        Duration.ofMinutes(1), Instant.now().plus(Duration.ofHours(25))))
                .isEqualTo(1);
        repository.createAll("base/one", ObjectRepositoryTest::backup);
        assertThat(names()).hasSize(3);
    }

    @Test
    void failureBetweenTwoFilesLeavesNothing() throws IOException {
        store.cutOff(doing -> doing.equals("writing team/base/one/backup.json"));

        assertThatThrownBy(() -> repository.createAll("base/one", ObjectRepositoryTest::backup))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("backup.json");

        store.cutOff(doing -> false);
        store.list("", found -> assertThat(found.key()).as("left over").isNull());
        try (var left = Files.list(work)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whatAnotherManagerDeletedMeanwhileDoesNotCount() {
        store.cutOff(doing -> {
            if (doing.equals("writing team/base/one/backup.json")) {
                remove("team/base/one/base.tar");
            }
            return false;
        });

        assertThatThrownBy(() -> repository.createAll("base/one", ObjectRepositoryTest::backup))
                .hasMessageContaining("somebody removed parts of base/one");
    }

    @Test
    void folderThatIsBeingUploadedIsTaken() throws IOException {
        repository.create("uploading/base/one", out -> {});

        assertThatThrownBy(() -> repository.createAll("base/one", ObjectRepositoryTest::backup))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    private void remove(String key) {
        try {
            store.delete(key);
        } catch (StoreException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void backup(Path directory) throws IOException {
        Files.writeString(directory.resolve("backup.json"), "{}", StandardCharsets.UTF_8);
        Files.writeString(directory.resolve("base.tar"), "all of it", StandardCharsets.UTF_8);
    }

    private List<String> names() throws IOException {
        return repository.list("").stream().map(Entry::name).toList();
    }
}
