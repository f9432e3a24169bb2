package io.matriarch.backup.restore;

import io.matriarch.backup.base.Tied;
import io.matriarch.backup.restore.WalView.Needed;
import io.matriarch.backup.sandbox.Programs;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What pg_waldump says of segments in a directory. Blocks for as long as reading them takes. */
final class WalDump {
    private static final Pattern RECORD =
            Pattern.compile("tx: +([0-9]+), lsn: ([0-9A-F]+/[0-9A-F]+), prev .*desc: (.*)");
    private static final Pattern ENDED = Pattern.compile(
            "(?:COMMIT|ABORT)(?:_PREPARED)? .*?([0-9]{4,6}-[0-9]{2}-[0-9]{2}) ([0-9:]{8}\\.[0-9]+) UTC.*");
    private static final Pattern SETTING = Pattern.compile("([a-z_]+)=([0-9]{1,9})");
    private static final String RESTORE_POINT = "RESTORE_POINT ";
    private static final String PARAMETERS = "PARAMETER_CHANGE ";
    /** Where WAL ends in the middle of a segment there is no valid record: that is no fault of the program. */
    private static final Pattern END = Pattern.compile("error in WAL record|could not find a valid record");

    private final Programs programs;
    private final Path directory;

    /** @param directory it holds the segments under their plain names */
    WalDump(Programs programs, Path directory) {
        this.programs = programs;
        this.directory = directory;
    }

    /** One record. */
    record Item(long xid, Lsn at, String description) {

        /** When a transaction ended, if one did. */
        Optional<Instant> ended() {
            var m = ENDED.matcher(description);
            return m.matches() ? Optional.of(Instant.parse(m.group(1) + "T" + m.group(2) + "Z")) : Optional.empty();
        }

        boolean isRestorePoint(String name) {
            return description.equals(RESTORE_POINT + name);
        }

        /** The settings that recovery must not have less of, under the names of postgresql.conf. */
        Map<String, Long> parameters() {
            var found = new TreeMap<String, Long>();
            if (description.startsWith(PARAMETERS)) {
                Matcher m = SETTING.matcher(description);
                while (m.find()) {
                    found.put(
                            m.group(1).replace("_xacts", "_transactions").replace("_per_xact", "_per_transaction"),
                            Long.valueOf(m.group(2)));
                }
            }
            return found;
        }
    }

    /**
     * Reads the records of segments that follow each other, on one timeline after the other.
     *
     * @param until behind the last position of a segment that counts
     */
    void readAll(
            List<Needed> segments, SegmentSize size, Function<Needed, Lsn> until, String kind, Consumer<Item> records)
            throws IOException {
        int from = 0;
        for (int i = 0; i < segments.size(); i++) {
            var first = segments.get(from).name();
            boolean last = i + 1 == segments.size()
                    || !segments.get(i + 1).name().timeline().equals(first.timeline());
            if (last) {
                read(first.timeline(), size.start(first), until.apply(segments.get(i)), Optional.of(kind), records);
                from = i + 1;
            }
        }
    }

    /**
     * Reads records of one timeline.
     *
     * @param from the first valid record at or behind this position is the first
     * @param to behind the last; all segments until there are in the directory
     * @param kind name of a resource manager, or empty for all
     * @throws IOException if it could not be read for another reason than its end
     */
    void read(Timeline timeline, Lsn from, Lsn to, Optional<String> kind, Consumer<Item> records) throws IOException {
        var command = new ArrayList<>(programs.as());
        command.add(programs.postgres().apply(Path.of("pg_waldump")).toString());
        command.addAll(List.of("--path=" + directory, "--timeline=" + timeline, "--start=" + from, "--end=" + to));
        kind.ifPresent(k -> command.add("--rmgr=" + k));
        Path said = Files.createTempFile("matriarch-waldump", ".err");
        var builder = new ProcessBuilder(Tied.command(Tied.End.KILL, command))
                .directory(Path.of("/").toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectError(said.toFile());
        builder.environment().putAll(Map.of("LC_ALL", "C", "TZ", "UTC"));
        var process = builder.start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                var m = RECORD.matcher(line);
                if (m.find()) {
                    records.accept(new Item(Long.parseLong(m.group(1)), Lsn.parse(m.group(2)), m.group(3)));
                }
            }
            int status = process.waitFor();
            var words = Files.readString(said, StandardCharsets.UTF_8).strip();
            if (status != 0 && !END.matcher(words).find()) {
                throw new IOException("pg_waldump ended with status " + status + ": " + words);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while pg_waldump ran", e);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(said);
        }
    }
}
