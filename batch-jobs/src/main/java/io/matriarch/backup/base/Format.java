package io.matriarch.backup.base;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a base backup is stored; each can be read with {@code tar} and the program of the compression. */
public enum Format {
    /** A tar for each tablespace, compressed with Zstandard, by the server where it can: the default. */
    ZSTD("zstd"),
    /** The same with lz4: larger and faster. */
    LZ4("lz4"),
    /** The same with gzip, for programs that know nothing newer. */
    GZIP("gzip"),
    /** The same without compression. */
    NONE("none"),
    /** One file {@code basebackup_<UTC>.tar.gz} that unpacks to a data directory, with the WAL that it needs. */
    TAR_GZ("tar.gz");

    /** The first PostgreSQL whose server compresses, and whose pg_basebackup knows more than gzip. */
    static final int COMPRESSES_SINCE = 15;

    /** In units of 512 bytes. */
    private static final String READ = "--blocking-factor=512";

    private final String word;

    Format(String word) {
        this.word = word;
    }

    /** As it stands in the configuration: {@code matriarch.backup.format}. */
    public String word() {
        return word;
    }

    /** The format of that word. */
    public static Optional<Format> of(String word) {
        return Arrays.stream(values()).filter(f -> f.word.equals(word)).findFirst();
    }

    /** All words, for a message. */
    public static String words() {
        return Arrays.stream(values()).map(Format::word).collect(Collectors.joining(", "));
    }

    /** What a server of that version can do: before 15 there is gzip only, which takes the place of the newer ones. */
    public Format onServer(int majorVersion) {
        return majorVersion < COMPRESSES_SINCE && (this == ZSTD || this == LZ4) ? GZIP : this;
    }

    /**
     * The command that unpacks a file of such a backup, from its standard input into the directory that it runs in. tar reads 256 KiB at
     * once: with its usual 10 it takes a third longer.
     */
    public List<String> unpack(String file) {
        if (!file.contains(".tar")) {
            return List.of("dd", "of=" + file, "bs=128k", "status=none");
        }
        return switch (this) {
            case ZSTD -> List.of("tar", READ, "--zstd", "-x");
            case LZ4 -> List.of("tar", READ, "-I", "lz4", "-x");
            case GZIP, TAR_GZ -> List.of("tar", READ, "-z", "-x");
            case NONE -> List.of("tar", READ, "-x");
        };
    }

    /**
     * What pg_basebackup is told.
     *
     * @param workers threads of the server, where the compression can have some; 0: its session compresses itself
     */
    Optional<String> compression(int majorVersion, int workers) {
        boolean knowsNames = majorVersion >= COMPRESSES_SINCE;
        return switch (this) {
            case ZSTD -> Optional.of("--compress=server-zstd:level=1" + (workers > 0 ? ",workers=" + workers : ""));
            case LZ4 -> Optional.of("--compress=server-lz4");
            case GZIP -> Optional.of(knowsNames ? "--compress=server-gzip:1" : "--compress=1");
            case TAR_GZ -> Optional.of(knowsNames ? "--compress=client-gzip:1" : "--compress=1");
            case NONE -> Optional.empty();
        };
    }
}
