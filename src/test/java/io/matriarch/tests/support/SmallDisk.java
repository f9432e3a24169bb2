package io.matriarch.tests.support;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A file system of its own, small enough to be filled: a tmpfs. Needs root. */
public final class SmallDisk implements AutoCloseable {
    private final Path mountPoint;

    private SmallDisk(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    /** Whether this user may mount. */
    public static boolean possible() {
        return Workplace.root();
    }

    /** Mounts that many MiB over the directory; it belongs to the user that runs PostgreSQL. */
    public static SmallDisk mount(Path directory, int mebibytes) {
        Command.run(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size=" + mebibytes + "m,mode=0700",
                "matriarch-test",
                directory.toString());
        SmallDisk disk = new SmallDisk(directory);
        OnExit.add(disk::close);
        try {
            Workplace.giveToPostgres(directory);
        } catch (IOException e) {
            disk.close();
            throw new IllegalStateException("cannot give away " + directory, e);
        }
        return disk;
    }

    /** Leaves not one free byte; again, none of what was given free since then. */
    public void fill() {
        byte[] block = new byte[4096];
        try (OutputStream filler =
                Files.newOutputStream(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            // Bounded by the size of the file system: the write that finds no room throws.
            while (true) {
                filler.write(block);
            }
        } catch (IOException full) {
            if (mountPoint.toFile().getUsableSpace() > block.length) {
                throw new IllegalStateException("could not fill " + mountPoint, full);
            }
        }
    }

    /** Gives the room back. */
    public void free() {
        try {
            Files.deleteIfExists(filler());
        } catch (IOException e) {
            throw new IllegalStateException("cannot remove " + filler(), e);
        }
    }

    /** Changes its size. */
    public void resize(int mebibytes) {
        Command.run("mount", "-o", "remount,size=" + mebibytes + "m", mountPoint.toString());
    }

    /** Takes no writes any more, not even root's, or takes them again. */
    public void readOnly(boolean only) {
        Command.run("mount", "-o", "remount," + (only ? "ro" : "rw"), mountPoint.toString());
    }

    private Path filler() {
        return mountPoint.resolve("filler");
    }

    @Override
    public void close() {
        Command.tryRun(List.of("umount", "-l", mountPoint.toString()));
    }
}
