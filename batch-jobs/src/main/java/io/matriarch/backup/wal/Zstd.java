package io.matriarch.backup.wal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The program {@code zstd}, for one file at a time; it never outlives the call that started it. */
record Zstd(Duration bound) {
    private static final int LAST_WORDS = 500;

    /** What is done with the program's input or output. */
    @FunctionalInterface
    private interface Work {
        void on(Process process) throws IOException;
    }

    /** Writes a file compressed; neither closes {@code out} nor changes the file. */
    void compress(Path file, OutputStream out) throws IOException {
        var builder = new ProcessBuilder(List.of("zstd", "-1", "-q", "-c")).redirectInput(file.toFile());
        run(builder, process -> process.getInputStream().transferTo(out));
    }

    /** Writes what {@code in} holds, decompressed, to a file, over what is there. */
    void decompress(InputStream in, Path file) throws IOException {
        var builder = new ProcessBuilder(List.of("zstd", "-d", "-q", "-c")).redirectOutput(file.toFile());
        run(builder, process -> {
            try (var program = process.getOutputStream()) {
                in.transferTo(program);
            }
        });
    }

    private void run(ProcessBuilder builder, Work work) throws IOException {
        Path said = Files.createTempFile("matriarch-zstd", ".err");
        var process = builder.redirectError(said.toFile()).start();
        var late = new AtomicBoolean();
        var watch = Thread.ofVirtual().start(() -> endWhenLate(process, late));
        IOException broken = null;
        try {
            work.on(process);
        } catch (IOException e) {
            // The program's own words tell more than a broken pipe.
            broken = e;
            process.destroy();
        }
        try {
            int status = process.waitFor();
            watch.join();
            if (late.get()) {
                throw new IOException("zstd did not end within " + bound.toSeconds() + " s", broken);
            }
            var words = Files.readString(said, StandardCharsets.UTF_8).strip();
            if (!words.isEmpty()) {
                throw new IOException("zstd: " + words.substring(0, Math.min(LAST_WORDS, words.length())), broken);
            }
            if (broken != null) {
                throw broken;
            }
            if (status != 0) {
                throw new IOException("zstd ended with status " + status);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while zstd ran", e);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(said);
        }
    }

    private void endWhenLate(Process process, AtomicBoolean late) {
        try {
            if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                late.set(true);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
