package io.matriarch.backup.verify;

/** How much of a backup is proven; each level holds the ones before it. */
public enum Level {
    /** The copy ended with success. */
    COPIED("V0"),
    /** The WAL that makes it consistent is with it. */
    CONSISTENT("V1"),
    /** Every stored file was read again and has its checksum, and every file of the manifest its own. */
    INTACT("V2"),
    /** It was restored in a sandbox, reached consistency and opened. */
    STARTS("V3"),
    /** Every page has its checksum, every index fits its table, every table was read. */
    SOUND("V4"),
    /** It was replayed to a moment behind its end; the heartbeat there is as old as it may be, and the users' assertions hold. */
    RIGHT("V5");

    private final String word;

    Level(String word) {
        this.word = word;
    }

    /** As it is shown: {@code V0} to {@code V5}. */
    public String word() {
        return word;
    }
}
