package io.matriarch.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;

/**
 * The wall clock of some processes, which is changed while they run, as an administrator or a broken time server would. What counts only
 * forward stays as it is, as it does on a machine whose clock is set.
 */
public final class ShiftedClock {
    private static final String SOURCE = "shifted-clock.c";

    private final Path library;
    private final Path difference;

    /** @param directory for the library and the difference, which those processes must be able to read */
    public ShiftedClock(Path directory) {
        this.library = directory.resolve("shifted-clock.so");
        this.difference = directory.resolve("difference");
        shift(Duration.ZERO);
        Path source = directory.resolve(SOURCE);
        try (var in = ShiftedClock.class.getResourceAsStream(SOURCE)) {
            if (in == null) {
                throw new IllegalStateException(SOURCE + " is not among the tests' resources");
            }
            Files.copy(in, source);
            Command.run("gcc", "-O2", "-shared", "-fPIC", "-nostdlib", "-o", library.toString(), source.toString());
            for (Path file : new Path[] {library, difference}) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In the environment of a process that shall live by it, and its children with it. */
    public Map<String, String> environment() {
        return Map.of("LD_PRELOAD", library.toString(), "SHIFTED_CLOCK", difference.toString());
    }

    /** Sets the clock so much before the right time, or behind it. Holds at once. */
    public void shift(Duration by) {
        var bytes = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(by.toSeconds())
                .flip();
        try (var file = FileChannel.open(difference, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(bytes, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
