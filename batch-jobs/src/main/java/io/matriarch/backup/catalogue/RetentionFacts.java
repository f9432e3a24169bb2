package io.matriarch.backup.catalogue;

import io.matriarch.backup.catalogue.Catalogue.Listing;
import io.matriarch.backup.retention.Circumstances;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.Coordination;
import io.matriarch.ha.api.Coordination.Licence;
import io.matriarch.ha.model.Outcome;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jboss.logging.Logger;

/** What else than the backups decides whether any of them may go, asked of etcd. Every method blocks. */
public final class RetentionFacts {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    /** When retention ran last, by the manager's clock of then. */
    private static final String LAST_RUN = "retention";

    private final BackupFacts cluster;
    private final Coordination etcd;

    public RetentionFacts(BackupFacts cluster, Coordination etcd) {
        this.cluster = cluster;
        this.etcd = etcd;
    }

    /**
     * The circumstances now.
     *
     * @param elected whether this manager is certainly the elected one
     * @throws IOException if etcd does not say all of it: then nothing may be judged
     */
    public Circumstances now(Listing listing, boolean elected, Instant now) throws IOException {
        var system = cluster.system()
                .orElseThrow(() -> new IOException("etcd does not say which system the cluster is: nothing is judged"));
        var unreadable = listing.unreadable().entrySet().stream()
                .findFirst()
                .map(e -> e.getKey() + " is no readable backup: " + e.getValue());
        var disagreement = unreadable.isPresent() ? unreadable : new CatalogueCopy(etcd).missing(listing);
        return new Circumstances(now, system.value(), elected, lastRun(), disagreement);
    }

    private Optional<Instant> lastRun() throws IOException {
        return etcd.get(LAST_RUN).flatMap(e -> instant(e.value()));
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            LOG.warnf("[retention-clock] etcd's word on the last run is no time: \"%s\"; it is written anew", text);
            return Optional.empty();
        }
    }

    /** Writes that retention ran. */
    public void ran(Instant now, Licence licence) throws IOException {
        Outcome outcome = etcd.put(LAST_RUN, now.toString(), licence);
        if (!outcome.isDone()) {
            throw new IOException("another manager is the elected one now: " + outcome);
        }
    }
}
