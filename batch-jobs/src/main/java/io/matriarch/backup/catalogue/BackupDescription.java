package io.matriarch.backup.catalogue;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A base backup as it was when it was complete; never changed. Stands as {@code backup.json} beside the data.
 *
 * @param label its folder in the repository: {@code basebackup_<UTC>}
 * @param scope the cluster
 * @param timeline on which it began and ended
 * @param start where replay begins
 * @param stop where it is consistent
 * @param postgres the version that it needs, for example {@code 15.18}
 * @param format word of the format, for example {@code zstd}
 * @param source the member that it was copied from
 * @param serverBytes what was read from the server, before compression
 * @param files all that belongs to it, with its size and SHA-256, besides {@code backup.json}
 * @param parent label of the backup that an incremental one builds on; empty for a full one
 * @param note why it is full though an incremental one was wanted, if so
 */
public record BackupDescription(
        String label,
        String scope,
        SystemIdentifier system,
        Timeline timeline,
        Lsn start,
        Lsn stop,
        Instant startedAt,
        Instant stoppedAt,
        String postgres,
        String format,
        String source,
        long serverBytes,
        List<StoredFile> files,
        Optional<String> parent,
        Optional<String> note) {

    /** The name of the description in the backup's folder. */
    public static final String FILE = "backup.json";

    /** The file with which PostgreSQL itself lists what is in a backup, each with its checksum. */
    public static final String MANIFEST = "backup_manifest";

    /** One file of a backup. */
    public record StoredFile(String name, long bytes, String sha256) {}

    public BackupDescription {
        files = List.copyOf(files);
    }

    /** A full one, as it was wanted. */
    public BackupDescription(
            String label,
            String scope,
            SystemIdentifier system,
            Timeline timeline,
            Lsn start,
            Lsn stop,
            Instant startedAt,
            Instant stoppedAt,
            String postgres,
            String format,
            String source,
            long serverBytes,
            List<StoredFile> files) {
        this(
                label,
                scope,
                system,
                timeline,
                start,
                stop,
                startedAt,
                stoppedAt,
                postgres,
                format,
                source,
                serverBytes,
                files,
                Optional.empty(),
                Optional.empty());
    }

    /** One of its files. */
    public Optional<StoredFile> file(String name) {
        return files.stream().filter(f -> f.name().equals(name)).findFirst();
    }

    /** What it takes in the repository. */
    public long storedBytes() {
        return files.stream().mapToLong(StoredFile::bytes).sum();
    }

    /** As JSON. */
    public String toJson() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("label", label);
        out.put("scope", scope);
        out.put("system_identifier", system.value());
        out.put("timeline", timeline.id());
        out.put("start_lsn", start.toString());
        out.put("stop_lsn", stop.toString());
        out.put("started_at", startedAt.toString());
        out.put("stopped_at", stoppedAt.toString());
        out.put("postgres", postgres);
        out.put("format", format);
        out.put("source", source);
        out.put("server_bytes", serverBytes);
        parent.ifPresent(label -> out.put("parent", label));
        note.ifPresent(why -> out.put("note", why));
        out.put(
                "files",
                files.stream()
                        .map(f -> Map.<String, Object>of("name", f.name(), "bytes", f.bytes(), "sha256", f.sha256()))
                        .toList());
        return Json.spaced(out);
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IllegalArgumentException if it is anything else; names what is missing or wrong
     */
    public static BackupDescription parse(String json) {
        var in = Json.tryParseObject(json).orElseThrow(() -> new IllegalArgumentException("it is no JSON object"));
        try {
            return new BackupDescription(
                    text(in, "label"),
                    text(in, "scope"),
                    new SystemIdentifier(text(in, "system_identifier")),
                    new Timeline(Math.toIntExact(number(in, "timeline"))),
                    Lsn.parse(text(in, "start_lsn")),
                    Lsn.parse(text(in, "stop_lsn")),
                    Instant.parse(text(in, "started_at")),
                    Instant.parse(text(in, "stopped_at")),
                    text(in, "postgres"),
                    text(in, "format"),
                    text(in, "source"),
                    number(in, "server_bytes"),
                    files(in),
                    optional(in, "parent"),
                    optional(in, "note"));
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException("a value of it cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<StoredFile> files(JsonObject in) {
        var files = new ArrayList<StoredFile>();
        for (Object one : required("files", in.array("files"))) {
            var file = required("files", JsonObject.of(one));
            files.add(new StoredFile(text(file, "name"), number(file, "bytes"), text(file, "sha256")));
        }
        return files;
    }

    /** A parent that cannot be read must not make a backup look like a full one. */
    private static Optional<String> optional(JsonObject in, String key) {
        return in.has(key) ? Optional.of(text(in, key)) : Optional.empty();
    }

    private static String text(JsonObject in, String key) {
        return required(key, in.string(key));
    }

    private static long number(JsonObject in, String key) {
        return required(key, in.number(key));
    }

    private static <T> T required(String key, Optional<T> value) {
        return value.orElseThrow(() -> new IllegalArgumentException("\"" + key + "\" is missing or of another kind"));
    }
}
