package io.matriarch.ha.loop;

import io.matriarch.ha.model.LeaseId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Remembers the lease on disk, so that an agent that is started again within its life takes it over, and the fence with it. */
final class LeaseFile {
    private static final Logger LOG = Logger.getLogger(LeaseFile.class);

    private final Path file;

    LeaseFile(Path stateDir) {
        this.file = stateDir.resolve("lease");
    }

    Optional<LeaseId> read() {
        try {
            return Files.exists(file)
                    ? Optional.of(
                            new LeaseId(Long.parseLong(Files.readString(file).strip())))
                    : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            LOG.warnf("%s cannot be used, a new lease will be granted: %s", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** Never throws: without the file a restarted agent only loses its lease. */
    void write(Optional<LeaseId> lease) {
        try {
            if (lease.isEmpty()) {
                Files.deleteIfExists(file);
                return;
            }
            var fresh = file.resolveSibling("lease.new");
            Files.writeString(fresh, Long.toString(lease.get().value()));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warnf("%s cannot be written: %s", file, e.getMessage());
        }
    }
}
