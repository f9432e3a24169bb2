package io.matriarch.backup.sandbox;

import io.matriarch.backup.base.Checksums;
import io.matriarch.backup.base.Tied;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One stored file on its way into a directory: it is read to its end whatever the unpacking says, for its checksum. */
public record Unpacking(Programs programs, InputStream in) {
    private static final int BUFFER = 1 << 17;
    /** By tar, of the program that it decompresses with. */
    private static final String NO_PROGRAM = "Cannot exec";

    /** @param fault what the program that unpacks said, if it failed */
    public record Read(String sha256, Optional<String> fault) {}

    /**
     * Unpacks; blocks until it is done.
     *
     * @param command unpacks its standard input into its working directory
     * @throws IOException if there is no room, or a program is missing or was killed: that is no fault of what is unpacked
     */
    public Read into(Path directory, List<String> command) throws IOException {
        var all = new ArrayList<>(programs.as());
        all.addAll(command);
        Path messages = Files.createTempFile("matriarch-unpack", ".out");
        var process = new ProcessBuilder(Tied.command(Tied.End.KILL, all))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(messages.toFile())
                .start();
        programs.halt().watch(process);
        try {
            var sha256 = feed(process, Checksums.reading(in));
            int status = process.waitFor();
            programs.halt().check();
            var said = Files.readString(messages, StandardCharsets.UTF_8).strip();
            if (status >= Programs.NOT_RUN || said.contains(Programs.NO_ROOM) || said.contains(NO_PROGRAM)) {
                throw new IOException("cannot unpack into " + directory + ", which says nothing of the backup: "
                        + "status " + status + ", " + said);
            }
            return new Read(
                    sha256, status == 0 ? Optional.empty() : Optional.of(said.isEmpty() ? "status " + status : said));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while unpacking into " + directory, e);
        } finally {
            programs.halt().forget(process);
            process.destroyForcibly();
            Files.deleteIfExists(messages);
        }
    }

    private String feed(Process process, DigestInputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER];
        boolean taken = true;
        OutputStream out = process.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            programs.halt().check();
            if (taken) {
                try {
                    out.write(buffer, 0, n);
                } catch (IOException e) {
                    // It ended early: its status says why.
                    taken = false;
                }
            }
        }
        try {
            out.close();
        } catch (IOException e) {
            // As above.
        }
        return Checksums.sha256(in);
    }
}
