package io.matriarch.backup.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordsToolTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Path file;

    @BeforeEach
    void records() throws SQLException {
        file = directory.resolve("jobs.mv.db");
        try (var connection = open();
                var statement = connection.createStatement()) {
            statement.execute("create table job_execution (id identity, exitstatus varchar, checkpoint blob,"
                    + " started timestamp, count int)");
            statement.execute(
                    "insert into job_execution (exitstatus, checkpoint, started, count)"
                            + " select repeat('words ', 500) || x, stringtoutf8(repeat('c', 9000)), current_timestamp, x from system_range(1, 300)");
        }
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection("jdbc:h2:file:" + directory.resolve("jobs"));
    }

    @Test
    void wholeFileIsUsable() {
        assertThat(run()).as(this::said).isEqualTo(RecordsTool.USABLE);
    }

    @Test
    void fileWithoutABeginningIsDamaged() throws IOException {
        overwrite(0, 8192);

        assertThat(run()).isEqualTo(RecordsTool.DAMAGED);
        assertThat(said()).isNotBlank();
    }

    @Test
    void fileWithABrokenMiddleIsDamaged() throws IOException {
        overwrite((int) Files.size(file) / 2, 4096);

        assertThat(run()).isEqualTo(RecordsTool.DAMAGED);
    }

    @Test
    void somethingElseIsDamaged() throws IOException {
        Files.writeString(file, "no database");

        assertThat(run()).isEqualTo(RecordsTool.DAMAGED);
    }

    @Test
    void fileOfARunningServerIsNotCalledDamaged() throws Exception {
        var command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                directory.resolve("jobs").toString());
        var holder = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(holder.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("open");

            assertThat(run()).as(this::said).isEqualTo(RecordsTool.IN_USE);
        } finally {
            holder.destroyForcibly().waitFor();
        }
        assertThat(run()).as(this::said).isEqualTo(RecordsTool.USABLE);
    }

    /** Another process that has the records open until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws Exception {
            try (var connection = DriverManager.getConnection("jdbc:h2:file:" + args[0])) {
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)
                        .println(connection.isValid(1) ? "open" : "not open");
                Thread.currentThread().join();
            }
        }
    }

    private void overwrite(int from, int length) throws IOException {
        byte[] all = Files.readAllBytes(file);
        Arrays.fill(all, from, from + length, (byte) 0x55);
        Files.write(file, all);
    }

    private int run() {
        return new RecordsTool(new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(List.of(directory.resolve("jobs").toString()));
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
