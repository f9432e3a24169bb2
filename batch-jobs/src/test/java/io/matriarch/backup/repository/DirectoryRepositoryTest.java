package io.matriarch.backup.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryRepositoryTest {
    @TempDir
    Path directory;

    private DirectoryRepository repository;

    @BeforeEach
    void open() throws IOException {
        repository = new DirectoryRepository(directory);
    }

    @Test
    void whatIsWrittenIsReadAndListed() throws IOException {
        var entry = repository.create("wal/00000001/a.zst", text("hello"));
        repository.create("base/b.tar.gz", text("base"));

        assertThat(entry.bytes()).isEqualTo(5);
        assertThat(read("wal/00000001/a.zst")).isEqualTo("hello");
        assertThat(repository.list(""))
                .extracting(Repository.Entry::name)
                .containsExactly("base/b.tar.gz", "wal/00000001/a.zst");
        assertThat(repository.list("wal/")).containsExactly(entry);
        assertThat(repository.open("wal/other")).isEmpty();
        assertThat(repository.freeBytes().orElseThrow()).isPositive();
    }

    @Test
    void folderAppearsWhole() throws IOException {
        var entries = repository.createAll("base/one", folder -> {
            Files.writeString(folder.resolve("a"), "1");
            assertThat(repository.list("base/")).as("while it is filled").isEmpty();
            Files.writeString(folder.resolve("b"), "22");
        });

        assertThat(entries).extracting(Repository.Entry::name).containsExactly("base/one/a", "base/one/b");
        assertThat(read("base/one/b")).isEqualTo("22");
    }

    @Test
    void folderThatCouldNotBeFilledLeavesNothing() throws IOException {
        assertThatThrownBy(() -> repository.createAll("base/one", folder -> {
                    Files.writeString(folder.resolve("a"), "1");
                    throw new IOException("no more");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("no more");

        try (var left = Files.list(directory.resolve("base"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void folderIsNotReplacedEither() throws IOException {
        repository.createAll("base/one", folder -> Files.writeString(folder.resolve("a"), "first"));

        assertThatThrownBy(() ->
                        repository.createAll("base/one", folder -> Files.writeString(folder.resolve("a"), "second")))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> repository.createAll("base/two", folder -> {
                    Files.writeString(folder.resolve("a"), "mine");
                    repository.create("base/two/a", text("another's"));
                }))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(read("base/one/a")).isEqualTo("first");
        assertThat(read("base/two/a")).isEqualTo("another's");
    }

    @Test
    void halfFilledFolderOfAKilledWriterIsForgotten() throws IOException {
        var partial = Files.createDirectories(directory.resolve("base/.partial-x"));
        Files.writeString(partial.resolve("a"), "1");

        assertThat(repository.list("")).isEmpty();
        assertThat(repository.forgetPartials(Duration.ofHours(1), Instant.now()))
                .isZero();
        assertThat(repository.forgetPartials(Duration.ofHours(1), Instant.now().plus(Duration.ofHours(2))))
                .isOne();
        assertThat(partial).doesNotExist();
    }

    @Test
    void foldersThatNobodyCanFinishAreForgottenAtOnceAndNothingElse() throws IOException {
        var unfinished = Files.createDirectories(directory.resolve("base/.partial-x"));
        Files.writeString(unfinished.resolve("a"), "1");
        var deeper = Files.createDirectories(directory.resolve("base/one/.partial-x"));
        var segment = Files.createFile(directory.resolve("base/.partial-y"));
        repository.createAll("base/two", folder -> Files.writeString(folder.resolve("a"), "1"));

        assertThat(repository.forgetUnfinished("base/")).isOne();
        assertThat(repository.forgetUnfinished("wal/")).isZero();

        assertThat(unfinished).doesNotExist();
        assertThat(deeper).exists();
        assertThat(segment).exists();
        assertThat(read("base/two/a")).isEqualTo("1");
    }

    @Test
    void nothingIsReplaced() throws IOException {
        repository.create("a", text("first"));

        assertThatThrownBy(() -> repository.create("a", text("second"))).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(read("a")).isEqualTo("first");
    }

    @Test
    void ofManyThatCreateOneNameOneWins() throws Exception {
        int writers = 8;
        var barrier = new CyclicBarrier(writers);
        var results = new ArrayList<Boolean>();
        try (var pool = Executors.newFixedThreadPool(writers)) {
            var tasks = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < writers; i++) {
                var mine = "writer " + i;
                tasks.add(() -> {
                    barrier.await();
                    try {
                        repository.create("slot", text(mine));
                        return true;
                    } catch (FileAlreadyExistsException e) {
                        return false;
                    }
                });
            }
            for (var result : pool.invokeAll(tasks)) {
                results.add(result.get());
            }
        }

        assertThat(results).containsOnlyOnce(true);
        assertThat(files()).containsExactly("slot");
    }

    @Test
    void aWriterThatFailsLeavesNothing() throws IOException {
        assertThatThrownBy(() -> repository.create("a/b", out -> {
                    out.write(new byte[100_000]);
                    throw new IOException("the source went away");
                }))
                .hasMessage("the source went away");

        assertThat(repository.list("")).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void halfOfAnObjectIsNeverSeen() throws IOException {
        repository.create("a", out -> {
            out.write(new byte[100_000]);
            out.flush();
            assertThat(repository.list("")).isEmpty();
            assertThat(repository.open("a")).isEmpty();
        });

        assertThat(repository.list("")).hasSize(1);
    }

    @Test
    void leftOversOfKilledWritersGoWhenTheyAreOld() throws IOException {
        Files.createDirectories(directory.resolve("base"));
        Files.writeString(directory.resolve("base/.partial-1"), "half");

        assertThat(repository.list("")).isEmpty();
        assertThat(repository.forgetPartials(Duration.ofHours(1), Instant.now()))
                .isZero();
        assertThat(repository.forgetPartials(Duration.ofHours(1), Instant.now().plusSeconds(7_200)))
                .isEqualTo(1);
        assertThat(files()).isEmpty();
    }

    @Test
    void deletingWhatIsNotThereIsNoError() throws IOException {
        repository.create("a", text("x"));
        repository.delete("a");
        repository.delete("a");

        assertThat(repository.list("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "../a", "a/../b", "a//b", "a/", ".hidden", "a/.partial-1", "a\nb", "a b", "ü"})
    void namesThatLeadElsewhereAreRefused(String name) {
        assertThatThrownBy(() -> repository.create(name, text("x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not the name of an object");
        assertThatThrownBy(() -> repository.delete(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> repository.open(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aDirectoryThatIsNotThereIsNotMade() {
        assertThatThrownBy(() -> new DirectoryRepository(directory.resolve("missing")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is its volume mounted?");
        assertThat(directory.resolve("missing")).doesNotExist();
    }

    private static Repository.Content text(String text) {
        return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private String read(String name) throws IOException {
        try (var in = repository.open(name).orElseThrow()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private List<String> files() throws IOException {
        try (var all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .map(f -> directory.relativize(f).toString())
                    .toList();
        }
    }
}
