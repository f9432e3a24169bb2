package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.ControlFacts;
import io.matriarch.ha.model.ControlFacts.ControlState;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What {@code global/pg_control} says: read directly for the layouts that are known (PostgreSQL 13 to 18), which costs no process each
 * second, or from the text of {@code pg_controldata} for any other. A layout counts as known only when the checksum stands where it
 * should and the fields that PostgreSQL itself uses to recognise a foreign file hold what they must.
 *
 * @param facts for the model
 * @param segmentBytes size of a WAL segment
 * @param controlVersion {@code pg_control version number}
 */
record ControlFile(ControlFacts facts, int segmentBytes, int controlVersion) {
    private static final int STATE = 16;
    private static final int CHECKPOINT = 32;
    private static final int REDO = 40;
    private static final int CHECKPOINT_TIMELINE = 48;
    private static final int MIN_RECOVERY_POINT = 136;
    private static final int MIN_RECOVERY_TIMELINE = 144;
    private static final int MAX_ALIGN = 204;
    private static final int FLOAT_FORMAT = 208;
    private static final int WAL_BLOCK_SIZE = 224;
    private static final int SEGMENT_SIZE = 228;
    private static final double FLOAT_FORMAT_VALUE = 1234567.0;
    /** Where the checksum stands, by control version. 13 to 16 share a layout; 17 kept it; 18 added a flag before the nonce. */
    private static final Map<Integer, Integer> CHECKSUM_AT = Map.of(1300, 288, 1700, 288, 1800, 292);

    private static final int ENOUGH_BYTES = 512;

    /** How reading ended. */
    enum Trouble {
        /** The file is shorter than any control file: it was never completely written. */
        SHORT,
        /** The checksum is wrong: torn by a concurrent write, or damaged. */
        CHECKSUM,
        /** Another version of PostgreSQL, or another machine's: ask {@code pg_controldata}. */
        FOREIGN_LAYOUT
    }

    /** Either the facts or what hindered. */
    record Read(Optional<ControlFile> control, Optional<Trouble> trouble) {
        static Read of(ControlFile control) {
            return new Read(Optional.of(control), Optional.empty());
        }

        static Read failed(Trouble trouble) {
            return new Read(Optional.empty(), Optional.of(trouble));
        }
    }

    /** Reads the file once. */
    static Read read(Path file) throws IOException {
        var bytes = ByteBuffer.allocate(ENOUGH_BYTES).order(ByteOrder.nativeOrder());
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // read() may return fewer bytes than asked for
            }
        }
        return bytes.hasRemaining() ? Read.failed(Trouble.SHORT) : parse(bytes);
    }

    static Read parse(ByteBuffer bytes) {
        int version = bytes.getInt(8);
        Integer checksumAt = CHECKSUM_AT.get(version);
        if (checksumAt == null) {
            return Read.failed(Trouble.FOREIGN_LAYOUT);
        }
        var crc = new CRC32C();
        crc.update(bytes.array(), 0, checksumAt);
        if ((int) crc.getValue() != bytes.getInt(checksumAt)) {
            return Read.failed(Trouble.CHECKSUM);
        }
        int segment = bytes.getInt(SEGMENT_SIZE);
        boolean recognised = bytes.getInt(MAX_ALIGN) == 8
                && bytes.getDouble(FLOAT_FORMAT) == FLOAT_FORMAT_VALUE
                && bytes.getInt(WAL_BLOCK_SIZE) == WalReader.PAGE
                && isSegmentSize(segment);
        if (!recognised) {
            return Read.failed(Trouble.FOREIGN_LAYOUT);
        }
        long minRecovery = bytes.getLong(MIN_RECOVERY_POINT);
        int timeline =
                Math.max(bytes.getInt(CHECKPOINT_TIMELINE), minRecovery == 0 ? 0 : bytes.getInt(MIN_RECOVERY_TIMELINE));
        var facts = new ControlFacts(
                new SystemIdentifier(Long.toUnsignedString(bytes.getLong(0))),
                state(bytes.getInt(STATE)),
                new Timeline(timeline),
                new Lsn(bytes.getLong(CHECKPOINT)),
                new Lsn(bytes.getLong(REDO)),
                Optional.of(minRecovery).filter(lsn -> lsn != 0).map(Lsn::new));
        return Read.of(new ControlFile(facts, segment, version));
    }

    /** Reads the output of {@code pg_controldata} in English; empty when something is missing or the checksum was wrong. */
    static Optional<ControlFile> parseText(String text) {
        var values = new TreeMap<String, String>();
        for (String line : text.split("\n")) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                values.put(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 1).strip());
            }
        }
        if (text.contains("does not match value stored in file") || text.contains("invalid WAL segment size")) {
            return Optional.empty();
        }
        try {
            Lsn minRecovery = Lsn.parse(need(values, "Minimum recovery ending location"));
            int minTimeline = Integer.parseInt(need(values, "Min recovery ending loc's timeline"));
            int timeline = Integer.parseInt(need(values, "Latest checkpoint's TimeLineID"));
            boolean minSet = !minRecovery.equals(Lsn.ZERO);
            var facts = new ControlFacts(
                    new SystemIdentifier(need(values, "Database system identifier")),
                    state(need(values, "Database cluster state")),
                    new Timeline(minSet ? Math.max(timeline, minTimeline) : timeline),
                    Lsn.parse(need(values, "Latest checkpoint location")),
                    Lsn.parse(need(values, "Latest checkpoint's REDO location")),
                    minSet ? Optional.of(minRecovery) : Optional.empty());
            int segment = Integer.parseInt(need(values, "Bytes per WAL segment"));
            int version = Integer.parseInt(need(values, "pg_control version number"));
            return isSegmentSize(segment) ? Optional.of(new ControlFile(facts, segment, version)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String need(Map<String, String> values, String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("pg_controldata does not say '" + key + "'");
        }
        return value;
    }

    private static boolean isSegmentSize(int bytes) {
        return bytes >= 1 << 20 && bytes <= 1 << 30 && Integer.bitCount(bytes) == 1;
    }

    private static ControlState state(int number) {
        return switch (number) {
            case 0 -> ControlState.STARTING_UP;
            case 1 -> ControlState.SHUT_DOWN;
            case 2 -> ControlState.SHUT_DOWN_IN_RECOVERY;
            case 3 -> ControlState.SHUTTING_DOWN;
            case 4 -> ControlState.IN_CRASH_RECOVERY;
            case 5 -> ControlState.IN_ARCHIVE_RECOVERY;
            case 6 -> ControlState.IN_PRODUCTION;
            default -> ControlState.UNRECOGNIZED;
        };
    }

    private static ControlState state(String words) {
        return switch (words) {
            case "starting up" -> ControlState.STARTING_UP;
            case "shut down" -> ControlState.SHUT_DOWN;
            case "shut down in recovery" -> ControlState.SHUT_DOWN_IN_RECOVERY;
            case "shutting down" -> ControlState.SHUTTING_DOWN;
            case "in crash recovery" -> ControlState.IN_CRASH_RECOVERY;
            case "in archive recovery" -> ControlState.IN_ARCHIVE_RECOVERY;
            case "in production" -> ControlState.IN_PRODUCTION;
            default -> ControlState.UNRECOGNIZED;
        };
    }
}
