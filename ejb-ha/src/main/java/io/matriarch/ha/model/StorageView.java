package io.matriarch.ha.model;

import java.util.Optional;

/**
 * Room where the WAL lives.
 *
 * @param walFreeBytes empty when it could not be asked
 * @param minimumFreeBytes below this PostgreSQL cannot be expected to come up (one WAL segment and a checkpoint)
 */
public record StorageView(Optional<Long> walFreeBytes, long minimumFreeBytes) {
    public static final StorageView UNKNOWN = new StorageView(Optional.empty(), 0);

    /** Known to be full; silence is not fullness. */
    public boolean walIsFull() {
        return walFreeBytes.filter(free -> free < minimumFreeBytes).isPresent();
    }
}
