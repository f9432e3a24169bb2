package io.matriarch.ha.adapter.system;

import io.matriarch.ha.model.DecisionEntry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The files of a journal: {@code decisions-000001.jsonl} and on, the oldest deleted. Written by one thread; read by any. */
final class JournalFiles {
    private static final String GLOB = "decisions-*.jsonl";

    private final Path directory;
    private final int maxFiles;
    private final long maxBytes;
    private Optional<FileChannel> open = Optional.empty();
    private long openBytes;
    private Optional<DecisionEntry> last = Optional.empty();
    private long repeats;
    private Instant repeatedAt = Instant.EPOCH;

    JournalFiles(Path directory, int maxFiles, long maxBytes) {
        this.directory = directory;
        this.maxFiles = maxFiles;
        this.maxBytes = maxBytes;
    }

    Path directory() {
        return directory;
    }

    /** Writes them and has the disk keep them. After an exception the next call begins a file anew. */
    void append(List<DecisionEntry> entries) throws IOException {
        try {
            for (DecisionEntry entry : entries) {
                append(entry);
            }
            if (open.isPresent()) {
                open.get().force(false);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void append(DecisionEntry entry) throws IOException {
        if (last.filter(before -> saysTheSame(before, entry)).isPresent()) {
            repeats++;
            repeatedAt = entry.at();
            return;
        }
        flushRepeats();
        write(JournalLines.text(entry));
        last = Optional.of(entry);
    }

    private void flushRepeats() throws IOException {
        if (repeats > 0) {
            long times = repeats;
            repeats = 0;
            write(JournalLines.text(new JournalLines.Repeated(times, repeatedAt)));
        }
    }

    private static boolean saysTheSame(DecisionEntry a, DecisionEntry b) {
        return a.rule().equals(b.rule())
                && a.because().equals(b.because())
                && a.rejected().equals(b.rejected())
                && a.actions().equals(b.actions())
                && a.outcomes().equals(b.outcomes());
    }

    private void write(String line) throws IOException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        if (open.isPresent() && openBytes + bytes.length > maxBytes) {
            close();
            openNext(true);
        }
        if (open.isEmpty()) {
            openNext(false);
        }
        var channel = open.orElseThrow(() -> new IOException("no journal file is open"));
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        openBytes += bytes.length;
    }

    /** Goes on in the newest file, or begins the next one. */
    private void openNext(boolean anew) throws IOException {
        Files.createDirectories(directory);
        List<Path> files = files();
        boolean reuse = !anew && !files.isEmpty() && Files.size(files.getLast()) < maxBytes;
        long number = files.isEmpty() ? 0 : number(files.getLast());
        Path file = reuse ? files.getLast() : directory.resolve(String.format("decisions-%06d.jsonl", number + 1));
        boolean torn = reuse && endsTorn(file);
        var channel = FileChannel.open(
                file,
                java.util.Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        open = Optional.of(channel);
        openBytes = channel.size();
        if (torn) {
            channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
        }
        for (int i = 0; i < files.size() + (reuse ? 0 : 1) - maxFiles; i++) {
            Files.deleteIfExists(files.get(i));
        }
    }

    private static boolean endsTorn(Path file) throws IOException {
        try (var reading = new RandomAccessFile(file.toFile(), "r")) {
            if (reading.length() == 0) {
                return false;
            }
            reading.seek(reading.length() - 1);
            return reading.read() != '\n';
        }
    }

    private static long number(Path file) {
        return Long.parseLong(String.valueOf(file.getFileName()).replaceAll("\\D", ""));
    }

    /** Oldest first. */
    List<Path> files() throws IOException {
        var found = new ArrayList<Path>();
        try (var entries = Files.newDirectoryStream(directory, GLOB)) {
            for (Path file : entries) {
                if (String.valueOf(file.getFileName()).matches("decisions-\\d{1,12}\\.jsonl")) {
                    found.add(file);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        found.sort(java.util.Comparator.comparingLong(JournalFiles::number));
        return found;
    }

    /** The newest decisions, newest first; lines that cannot be read are passed over. */
    List<DecisionEntry> newest(int limit) throws IOException {
        var newest = new ArrayList<DecisionEntry>();
        for (Path file : files().reversed()) {
            List<String> lines;
            try {
                lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                        .lines()
                        .toList();
            } catch (NoSuchFileException e) {
                continue;
            }
            for (int i = lines.size() - 1; i >= 0 && newest.size() < limit; i--) {
                if (JournalLines.parse(lines.get(i)) instanceof JournalLines.Decided decided) {
                    newest.add(decided.entry());
                }
            }
            if (newest.size() >= limit) {
                break;
            }
        }
        return newest;
    }

    void close() {
        try {
            if (open.isPresent() && repeats > 0) {
                flushRepeats();
            }
        } catch (IOException e) {
            // The count is lost with the disk that the next line will report.
        }
        try {
            if (open.isPresent()) {
                open.get().close();
            }
        } catch (IOException e) {
            // Every line was given to the kernel before; closing adds nothing.
        }
        open = Optional.empty();
    }
}
