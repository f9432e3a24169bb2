package io.matriarch.ha.port;

import io.matriarch.ha.model.DecisionEntry;
import java.util.List;

/** Keeps decisions on disk, bounded, so that they can be shown and replayed. Never blocks the loop for longer than a buffered write. */
public interface DecisionJournal extends AutoCloseable {

    /** Keeps an entry. A full or broken disk is reported once and does not disturb the loop. */
    void append(DecisionEntry entry);

    /** The newest entries, newest first. */
    List<DecisionEntry> newest(int limit);

    @Override
    void close();
}
