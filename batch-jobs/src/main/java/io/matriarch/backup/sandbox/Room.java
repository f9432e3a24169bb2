package io.matriarch.backup.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Room on a volume, asked for before it is used: a disk that is full in the middle would look like damage. */
public final class Room {
    /** What PostgreSQL writes beside the backup until it stands: WAL of its own, copies of segments. */
    private static final long BESIDE = 128L << 20;

    private Room() {}

    /** There is too little; says nothing of what was to be stored there. */
    public static final class NoRoomException extends IOException {
        private static final long serialVersionUID = 1;

        NoRoomException(String message) {
            super(message);
        }
    }

    /** What a backup takes that is unpacked and started: a tenth more than was read from the server, and what PostgreSQL writes meanwhile. */
    public static long forServer(long serverBytes) {
        return serverBytes + serverBytes / 10 + BESIDE;
    }

    /**
     * Returns when there is room; does not keep it.
     *
     * @param place a directory on that volume
     * @param what needs so many {@code bytes}; begins the sentence
     * @throws NoRoomException if there is less: names what there is and what is needed
     */
    public static void mustBe(Path place, long bytes, String what) throws IOException {
        long free = Files.getFileStore(place).getUsableSpace();
        if (free < bytes) {
            throw new NoRoomException(what + " needs about " + bytes + " bytes on the volume of " + place
                    + ", which has " + free + " free: make room there, and try again");
        }
    }
}
