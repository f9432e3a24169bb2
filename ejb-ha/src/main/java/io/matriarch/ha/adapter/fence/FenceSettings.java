package io.matriarch.ha.adapter.fence;

import io.matriarch.ha.model.MemberName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where the member's fence lives and how long it may take.
 *
 * @param program the executable {@code matriarch-fence}
 * @param directory its state directory: socket, pid file, proofs; created when it is missing
 * @param member the member it belongs to, for its proofs and its process title
 * @param answerWithin how long a request may stay unanswered before the fence counts as unreachable
 * @param startWithin how long starting a fence process, or killing one, may take
 */
public record FenceSettings(
        Path program, Path directory, MemberName member, Duration answerWithin, Duration startWithin) {
    /** The longest path that a Unix-domain socket can be bound to. */
    private static final int MAX_SOCKET_PATH_BYTES = 107;

    public FenceSettings {
        if (!answerWithin.isPositive() || !startWithin.isPositive()) {
            throw new IllegalArgumentException("answerWithin and startWithin are positive");
        }
        directory = directory.toAbsolutePath().normalize();
        program = program.toAbsolutePath().normalize();
        int length = directory.resolve("fence.sock").toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_SOCKET_PATH_BYTES) {
            throw new IllegalArgumentException("the fence's directory is too long for a socket (" + length + " of "
                    + MAX_SOCKET_PATH_BYTES + " bytes): " + directory);
        }
    }

    Path socket() {
        return directory.resolve("fence.sock");
    }

    Path pidFile() {
        return directory.resolve("fence.pid");
    }
}
