package io.matriarch.ha.adapter.postgres;

/** Keeps the beginning and the end of a text that may be long. Thread safe. */
final class BoundedText {
    private final int limit;
    private final StringBuilder head = new StringBuilder();
    private final StringBuilder tail = new StringBuilder();
    private long dropped;

    /** @param limit characters kept in all; half of them from each end */
    BoundedText(int limit) {
        this.limit = limit;
    }

    synchronized void append(String text) {
        int half = limit / 2;
        int room = Math.max(0, half - head.length());
        if (text.length() <= room) {
            head.append(text);
            return;
        }
        head.append(text, 0, room);
        tail.append(text, room, text.length());
        int excess = tail.length() - half;
        if (excess > 0) {
            tail.delete(0, excess);
            dropped += excess;
        }
    }

    synchronized String text() {
        return dropped == 0 ? head.toString() + tail : head + "\n... " + dropped + " characters left out ...\n" + tail;
    }
}
