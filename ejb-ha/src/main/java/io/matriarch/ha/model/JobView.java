package io.matriarch.ha.model;

import java.util.Optional;

/**
 * The slow job: running, or just finished.
 *
 * @param result empty while it runs; a finished job is shown until the cycle that has seen it ended
 * @param bytesDone how much was copied
 * @param bytesTotal how much there is to copy, if known
 */
public record JobView(
        JobKind kind, MonotonicTime startedAt, Optional<Outcome> result, long bytesDone, Optional<Long> bytesTotal) {

    public boolean isRunning() {
        return result.isEmpty();
    }
}
