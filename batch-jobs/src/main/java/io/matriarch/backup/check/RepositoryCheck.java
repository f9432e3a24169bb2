package io.matriarch.backup.check;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;

/**
 * Proves that a repository can take a backup: a file can be made in it, reaches the disk, reads back unchanged and
 * can be removed. Says how much room is left. What an earlier check that was killed has left goes first.
 *
 * @param repository the repository's directory; it must exist, since a mount that is missing must not be filled below
 */
public record RepositoryCheck(Path repository) {

    private static final String PROBE = ".matriarch-probe-";
    private static final int PROBE_BYTES = 64 * 1024;
    private static final Duration KILLED = Duration.ofHours(1);

    /**
     * Blocks as long as the file system does.
     *
     * @return free space in bytes
     * @throws IOException if any part failed; the message names the file and the part. The probe file is gone, where
     *     the file system allows it
     */
    public long run() throws IOException {
        if (!Files.isDirectory(repository)) {
            throw new IOException(repository + " is not a directory");
        }
        forgetProbes();
        Path probe = repository.resolve(PROBE + UUID.randomUUID());
        byte[] written = new byte[PROBE_BYTES];
        Arrays.fill(written, (byte) 0x5a);
        try {
            try (FileChannel file = FileChannel.open(probe, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(written);
                while (buffer.hasRemaining()) {
                    file.write(buffer);
                }
                file.force(true);
            }
            if (!Arrays.equals(written, Files.readAllBytes(probe))) {
                throw new IOException(probe + " reads back other bytes than were written");
            }
        } finally {
            Files.deleteIfExists(probe);
        }
        return Files.getFileStore(repository).getUsableSpace();
    }

    /** Of checks that were killed: one that runs now has made its own just before. */
    private void forgetProbes() throws IOException {
        try (var probes = Files.newDirectoryStream(repository, PROBE + "*")) {
            for (Path probe : probes) {
                if (Files.getLastModifiedTime(probe)
                        .toInstant()
                        .isBefore(Instant.now().minus(KILLED))) {
                    Files.deleteIfExists(probe);
                }
            }
        } catch (NoSuchFileException gone) {
            // Its own check has removed it.
        }
    }
}
