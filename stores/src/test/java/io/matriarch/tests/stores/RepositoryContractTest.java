package io.matriarch.tests.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.repository.Repository.Entry;
import io.matriarch.tests.stores.Places.Place;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every repository promises, wherever it is. */
@ParameterizedClass(name = "{0}, encrypted: {1}")
@MethodSource("everywhere")
class RepositoryContractTest {
    private static final int SEVERAL_PARTS = 20 << 20;
    private static final byte[] BIG = random(SEVERAL_PARTS + 7);
    private static S3Mock s3;
    private static Azurite azurite;

    @Parameter(0)
    Place place;

    @Parameter(1)
    boolean encrypted;

    @TempDir
    Path temporary;

    private Path work;
    private Repository repository;

    static Stream<Arguments> everywhere() {
        return Stream.of(Place.values())
                .flatMap(place -> Stream.of(Arguments.of(place, false), Arguments.of(place, true)));
    }

    @BeforeAll
    static void stores() throws Exception {
        s3 = S3Mock.start();
        azurite = Azurite.start();
    }

    @AfterAll
    static void stop() throws IOException {
        azurite.close();
        s3.close();
    }

    @BeforeEach
    void empty() throws IOException {
        work = temporary.resolve("work");
        var plain = switch (place) {
            case DIRECTORY -> Places.inDirectory(temporary.resolve("repository"));
            case S3 -> Places.inStore(Places.s3(s3.endpoint()), work);
            case AZURE -> Places.inStore(Places.azure(azurite.endpoint()), work);
        };
        repository = encrypted ? Places.encrypted(plain, work) : plain;
    }

    @Test
    void whatWasCreatedIsListedAndReadsBack() throws IOException {
        Entry made = repository.create("a/b.txt", out -> out.write(bytes("hello")));

        assertThat(made.name()).isEqualTo("a/b.txt");
        assertThat(repository.list("")).singleElement().satisfies(entry -> {
            assertThat(entry.name()).isEqualTo("a/b.txt");
            assertThat(entry.bytes()).isEqualTo(made.bytes());
            assertThat(entry.bytes() == 5).isEqualTo(!encrypted);
        });
        assertThat(read("a/b.txt")).asString().isEqualTo("hello");
    }

    @Test
    void emptyObjectIsOne() throws IOException {
        repository.create("nothing", out -> {});

        assertThat(read("nothing")).isEmpty();
        assertThat(names("")).containsExactly("nothing");
    }

    @Test
    void secondCreateChangesNothing() throws IOException {
        repository.create("once", out -> out.write(bytes("first")));

        assertThatThrownBy(() -> repository.create("once", out -> out.write(bytes("second"))))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining("once");
        assertThatThrownBy(() -> repository.create("once", out -> out.write(BIG)))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(read("once")).asString().isEqualTo("first");
    }

    @Test
    void ofManyAtOnceOneWins() throws Exception {
        int writers = 6;
        var together = new CyclicBarrier(writers);
        var tries = new ArrayList<Callable<String>>();
        for (int i = 0; i < writers; i++) {
            String mine = "writer " + i;
            tries.add(() -> {
                repository.create("contended", out -> {
                    out.write(bytes(mine));
                    meet(together);
                });
                return mine;
            });
        }

        var winners = new ArrayList<String>();
        try (var threads = Executors.newFixedThreadPool(writers)) {
            for (var done : threads.invokeAll(tries)) {
                try {
                    winners.add(done.get());
                } catch (ExecutionException e) {
                    assertThat(e).hasCauseInstanceOf(FileAlreadyExistsException.class);
                }
            }
        }

        assertThat(winners).hasSize(1);
        assertThat(read("contended")).asString().isEqualTo(winners.getFirst());
    }

    private static void meet(CyclicBarrier together) throws IOException {
        try {
            together.await();
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    @Test
    void contentThatFailsLeavesNothing() throws IOException {
        for (int size : List.of(10, SEVERAL_PARTS)) {
            assertThatThrownBy(() -> repository.create("broken", out -> {
                        out.write(BIG, 0, size);
                        throw new IOException("the source broke");
                    }))
                    .hasMessageContaining("the source broke");
        }

        assertThat(repository.list("")).isEmpty();
        assertThat(repository.open("broken")).isEmpty();
        repository.create("broken", out -> out.write(bytes("whole")));
        assertThat(read("broken")).asString().isEqualTo("whole");
    }

    @Test
    void bigObjectReadsBackWhole() throws IOException {
        repository.create("big", out -> {
            for (int at = 0; at < BIG.length; at += 1_000_000) {
                out.write(BIG, at, Math.min(1_000_000, BIG.length - at));
            }
        });

        assertThat(read("big")).isEqualTo(BIG);
    }

    @Test
    void readingMayEndEarly() throws IOException {
        repository.create("big", out -> out.write(BIG));

        try (InputStream in = repository.open("big").orElseThrow()) {
            assertThat(in.readNBytes(100)).isEqualTo(java.util.Arrays.copyOf(BIG, 100));
        }
    }

    @Test
    void listIsInOrderAndByPrefix() throws IOException {
        for (String name : List.of("wal/2", "base/b/1", "base/a/2", "base/a/1", "base-not")) {
            repository.create(name, out -> out.write(1));
        }

        assertThat(names("")).containsExactly("base-not", "base/a/1", "base/a/2", "base/b/1", "wal/2");
        assertThat(names("base/")).containsExactly("base/a/1", "base/a/2", "base/b/1");
        assertThat(names("base/a/1")).containsExactly("base/a/1");
        assertThat(names("none")).isEmpty();
    }

    @Test
    void whatIsMissingIsNoError() throws IOException {
        assertThat(repository.open("missing")).isEmpty();
        repository.delete("missing");
        repository.create("there", out -> out.write(1));
        repository.delete("there");
        assertThat(repository.list("")).isEmpty();
        assertThat(repository.open("there")).isEmpty();
        repository.create("there", out -> out.write(2));
        assertThat(read("there")).containsExactly(2);
    }

    @Test
    void folderAppearsAtOnceAndOnce() throws IOException {
        List<Entry> made = repository.createAll("base/one", directory -> {
            Files.writeString(directory.resolve("backup.json"), "{}");
            Files.write(directory.resolve("base.tar"), BIG);
            Files.createFile(directory.resolve("empty"));
        });

        assertThat(made)
                .extracting(Entry::name)
                .containsExactly("base/one/backup.json", "base/one/base.tar", "base/one/empty");
        assertThat(names("")).containsExactly("base/one/backup.json", "base/one/base.tar", "base/one/empty");
        assertThat(read("base/one/base.tar")).isEqualTo(BIG);
        assertThatThrownBy(() ->
                        repository.createAll("base/one", directory -> Files.createFile(directory.resolve("other"))))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(names("")).hasSize(3);
        assertThat(remains()).isEmpty();
    }

    @Test
    void folderThatFailsLeavesNothing() throws IOException {
        assertThatThrownBy(() -> repository.createAll("base/one", directory -> {
                    Files.createFile(directory.resolve("backup.json"));
                    throw new IOException("the copy broke");
                }))
                .hasMessageContaining("the copy broke");

        assertThat(repository.list("")).isEmpty();
        assertThat(remains()).isEmpty();
        repository.createAll("base/one", directory -> Files.createFile(directory.resolve("backup.json")));
        assertThat(names("")).containsExactly("base/one/backup.json");
    }

    @Test
    void namesThatLeadElsewhereAreRefused() {
        for (String name : List.of("", "/a", "../a", "a//b", ".hidden", "a b", "a/")) {
            assertThatThrownBy(() -> repository.create(name, out -> {})).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** What is left in the directory where folders are filled. */
    private List<Path> remains() throws IOException {
        if (!Files.isDirectory(work)) {
            return List.of();
        }
        try (var files = Files.list(work)) {
            return files.toList();
        }
    }

    private List<String> names(String prefix) throws IOException {
        return repository.list(prefix).stream().map(Entry::name).toList();
    }

    private byte[] read(String name) throws IOException {
        try (InputStream in = repository.open(name).orElseThrow()) {
            return in.readAllBytes();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
