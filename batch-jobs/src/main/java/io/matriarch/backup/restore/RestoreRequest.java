package io.matriarch.backup.restore;

import io.matriarch.backup.restore.RecoveryTarget.AtLsn;
import io.matriarch.backup.restore.RecoveryTarget.AtName;
import io.matriarch.backup.restore.RecoveryTarget.AtTime;
import io.matriarch.backup.restore.RecoveryTarget.AtXid;
import io.matriarch.backup.restore.RecoveryTarget.Immediate;
import io.matriarch.backup.restore.RecoveryTarget.Latest;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What somebody wants restored.
 *
 * @param directory the data directory to be
 * @param label which backup; empty: the newest good one before the target
 * @param timeline whose history is followed; empty: the newest one's
 * @param port on 127.0.0.1 and of the socket; empty: any that is free
 * @param setAside whether what is in the directory may be renamed; it is never deleted
 * @param promote whether the server is made writable in the end; otherwise it stays paused at the target, open for reading
 */
record RestoreRequest(
        RecoveryTarget target,
        Path directory,
        Optional<String> label,
        Optional<Timeline> timeline,
        Optional<Integer> port,
        boolean setAside,
        boolean promote) {

    private static final List<String> TARGETS = List.of("target_time", "target_lsn", "target_name", "target_xid");
    private static final List<String> OTHERS =
            List.of("target", "directory", "label", "timeline", "port", "set_aside", "promote", "member", "dry_run");
    private static final int LONGEST_NAME = 63;
    private static final int LONGEST_DIRECTORY = 70;
    private static final long LARGEST_XID = 0xFFFF_FFFFL;
    private static final int LARGEST_PORT = 65_535;
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final Pattern PLAIN = Pattern.compile("/[A-Za-z0-9._+=@-]+(/[A-Za-z0-9._+=@-]+)+");

    /** Input that cannot be used. */
    static final class BadInput extends Exception {
        private static final long serialVersionUID = 1;
        private final String field;

        BadInput(String field, String allowed) {
            super("\"" + field + "\" must be " + allowed);
            this.field = field;
        }

        /** Name of the member of the JSON object. */
        String field() {
            return field;
        }
    }

    /** Reads the body of a request; see docs/configuration.md for its members. */
    static RestoreRequest parse(JsonObject in) throws BadInput {
        for (String key : new TreeSet<>(in.values().keySet())) {
            if (!TARGETS.contains(key) && !OTHERS.contains(key)) {
                throw new BadInput(
                        key, "absent; known are " + String.join(", ", OTHERS) + ", " + String.join(", ", TARGETS));
            }
        }
        return new RestoreRequest(
                target(in),
                directory(in),
                label(in),
                whole(in, "timeline", Integer.MAX_VALUE).map(n -> new Timeline(n.intValue())),
                whole(in, "port", LARGEST_PORT).map(Long::intValue),
                flag(in, "set_aside", false),
                flag(in, "promote", true));
    }

    /** On which member's machine it is wanted; empty: on the manager's. That is no part of the request, which is the same everywhere. */
    static Optional<String> member(JsonObject in) throws BadInput {
        if (!in.has("member")) {
            return Optional.empty();
        }
        return Optional.of(in.string("member")
                .filter(name -> !name.isBlank())
                .orElseThrow(() -> new BadInput("member", "the name of a member of the cluster")));
    }

    /** The same again, for {@link #parse}. */
    Map<String, Object> document() {
        Map<String, Object> out = new LinkedHashMap<>();
        switch (target) {
            case Latest latest -> out.put("target", "latest");
            case Immediate immediate -> out.put("target", "immediate");
            case AtTime at -> out.put("target_time", at.time().toString());
            case AtLsn at -> out.put("target_lsn", at.lsn().toString());
            case AtName at -> out.put("target_name", at.name());
            case AtXid at -> out.put("target_xid", at.xid());
        }
        out.put("directory", directory.toString());
        label.ifPresent(value -> out.put("label", value));
        timeline.ifPresent(value -> out.put("timeline", value.id()));
        port.ifPresent(value -> out.put("port", value));
        out.put("set_aside", setAside);
        out.put("promote", promote);
        return out;
    }

    /** Whether a restore that was begun for {@code other} is this one: what was there before is no part of that. */
    boolean continues(RestoreRequest other) {
        return new RestoreRequest(target, directory, label, timeline, port, other.setAside, promote).equals(other);
    }

    /** As JSON in one line. */
    String json() {
        return Json.compact(document());
    }

    private static RecoveryTarget target(JsonObject in) throws BadInput {
        var named = TARGETS.stream().filter(in::has).toList();
        if (named.size() + (in.has("target") ? 1 : 0) > 1) {
            throw new BadInput(
                    named.getLast(), "the only target: one of target, " + String.join(", ", TARGETS) + " is allowed");
        }
        if (named.isEmpty()) {
            return switch (in.has("target") ? in.string("target").orElse("") : "latest") {
                case "latest" -> new Latest();
                case "immediate" -> new Immediate();
                default ->
                    throw new BadInput(
                            "target",
                            "\"latest\" or \"immediate\"; other targets are target_time,"
                                    + " target_lsn, target_name and target_xid");
            };
        }
        var key = named.getFirst();
        return switch (key) {
            case "target_time" -> new AtTime(time(in.string(key).orElse("")));
            case "target_lsn" -> new AtLsn(lsn(in.string(key).orElse("")));
            case "target_name" -> new AtName(name(in.string(key).orElse("")));
            default -> new AtXid(whole(in, key, LARGEST_XID).orElseThrow());
        };
    }

    private static Instant time(String text) throws BadInput {
        try {
            var iso = text.strip()
                    .replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) +", "$1T")
                    .replaceFirst("([+-]\\d\\d)$", "$1:00");
            return OffsetDateTime.parse(iso).toInstant().truncatedTo(ChronoUnit.MICROS);
        } catch (DateTimeException e) {
            throw new BadInput(
                    "target_time",
                    "a time with its zone, for example 2026-06-15T12:00:00Z or 2026-06-15 14:00:00.5+02:00");
        }
    }

    private static Lsn lsn(String text) throws BadInput {
        try {
            return Lsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw new BadInput("target_lsn", "a position in the WAL, for example 0/3000060");
        }
    }

    private static String name(String text) throws BadInput {
        boolean printable = text.chars().allMatch(c -> c >= ' ' && c != 0x7F);
        if (text.isBlank() || text.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME || !printable) {
            throw new BadInput(
                    "target_name", "the name of a restore point: 1 to " + LONGEST_NAME + " bytes in one line");
        }
        return text;
    }

    /** It goes into configuration files and command lines, and a socket's name of 107 characters begins with it. */
    private static Path directory(JsonObject in) throws BadInput {
        var text = in.string("directory").orElse("");
        try {
            Path path = Path.of(text);
            if (PLAIN.matcher(text).matches() && text.length() <= LONGEST_DIRECTORY && path.equals(path.normalize())) {
                return path;
            }
        } catch (InvalidPathException e) {
            // As below.
        }
        throw new BadInput(
                "directory",
                "an absolute path of the machine that it is for, below a directory of it, of letters, digits and . _ + = @ -,"
                        + " at most " + LONGEST_DIRECTORY + " characters");
    }

    private static Optional<String> label(JsonObject in) throws BadInput {
        if (!in.has("label")) {
            return Optional.empty();
        }
        var text = in.string("label").filter(l -> LABEL.matcher(l).matches());
        if (text.isEmpty()) {
            throw new BadInput("label", "the label of a backup, for example basebackup_20260615T120000Z");
        }
        return text;
    }

    private static Optional<Long> whole(JsonObject in, String key, long most) throws BadInput {
        if (!in.has(key)) {
            return Optional.empty();
        }
        var value = in.number(key).filter(n -> n >= 1 && n <= most);
        if (value.isEmpty()) {
            throw new BadInput(key, "a whole number from 1 to " + most);
        }
        return value;
    }

    private static boolean flag(JsonObject in, String key, boolean otherwise) throws BadInput {
        if (!in.has(key)) {
            return otherwise;
        }
        return in.bool(key).orElseThrow(() -> new BadInput(key, "true or false"));
    }
}
