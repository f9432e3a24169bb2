package io.matriarch.backup.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
    @TempDir
    private Path place;

    private final List<Process> started = new ArrayList<>();
    private Path work;
    private Path program;

    /** A program of PostgreSQL's name that waits. */
    @BeforeEach
    void program() throws IOException {
        work = Files.createDirectory(place.resolve("work"));
        program = Files.copy(Path.of("/bin/sleep").toRealPath(), place.resolve("postgres"));
        program.toFile().setExecutable(true);
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void onlyWhatIsOfJobsGoes() throws IOException {
        Files.createDirectories(work.resolve("wal/7"));
        Files.createDirectories(work.resolve("verify-basebackup_1/data/base"));
        Files.createDirectories(work.resolve("staging-1"));
        Files.createDirectories(work.resolve("look-1"));
        Files.createFile(work.resolve("0000000100000000000000071234.check"));
        Files.createFile(work.resolve("mine"));

        Leftovers.in(work).setAside().remove();

        try (var left = Files.list(work)) {
            assertThat(left.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("wal", "mine");
        }
    }

    @Test
    void serverThatStillRunsThereIsStoppedAndNoOther() throws Exception {
        Path data = Files.createDirectories(work.resolve("verify-basebackup_1/data"));
        Path elsewhere = Files.createDirectories(place.resolve("verify-basebackup_1/data"));
        var orphan = start(program, data);
        var anothers = start(program, elsewhere);
        var noServer = start(Path.of("/bin/sleep"), data);
        // A number in a file is no evidence: the process of that number may be anybody's by now.
        Files.writeString(data.resolve("postmaster.pid"), anothers.pid() + "\n" + data + "\n");

        Leftovers.in(work).setAside().remove();

        assertThat(orphan.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(anothers.isAlive()).isTrue();
        assertThat(noServer.isAlive()).isTrue();
        assertThat(data).doesNotExist();
        assertThat(elsewhere).exists();
    }

    @Test
    void directoryOfItsSocketGoesWithTheSandbox() throws IOException {
        Path home = Files.createDirectories(work.resolve("verify-basebackup_1"));
        Path socket = Files.createDirectory(Path.of("/tmp/mtv" + random()));
        Leftovers.remember(home, socket);

        Leftovers.in(work).setAside().remove();

        assertThat(home).doesNotExist();
        assertThat(socket).doesNotExist();
    }

    @Test
    void linkToSomewhereElseIsNotFollowed() throws IOException {
        Path home = Files.createDirectories(work.resolve("verify-basebackup_1"));
        Path other = Files.createDirectory(place.resolve("mtv" + random()));
        Leftovers.remember(home, other);

        Leftovers.in(work).setAside().remove();

        assertThat(home).doesNotExist();
        assertThat(other).exists();
    }

    private static String random() {
        return UUID.randomUUID().toString().substring(0, 6);
    }

    @Test
    void whatCameAfterTheLookStays() throws IOException {
        var leftovers = Leftovers.in(work);
        Path sandbox = Files.createDirectories(work.resolve("verify-basebackup_1"));

        leftovers.setAside().remove();

        assertThat(sandbox).exists();
    }

    private Process start(Path which, Path directory) throws IOException {
        var process = new ProcessBuilder(which.toString(), "600")
                .directory(directory.toFile())
                .start();
        started.add(process);
        return process;
    }
}
