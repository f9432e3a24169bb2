package io.matriarch.backup;

import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.catalogue.CatalogueCopy;
import io.matriarch.backup.catalogue.Expiry;
import io.matriarch.backup.catalogue.RetentionFacts;
import io.matriarch.backup.manager.Tenure;
import io.matriarch.backup.manager.Tenures;
import io.matriarch.backup.repository.FencedRepository;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.backup.repository.Repository;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.Coordination;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Which backups stay and why, and a human's word on it. Every method blocks as long as the repository and etcd do. */
@ApplicationScoped
public class BackupKeeping {
    private final BackupFacts cluster;
    private final Coordination etcd;
    private final Tenures tenures;
    private final InUse inUse;

    /** For the container's proxy. */
    protected BackupKeeping() {
        this(BackupFacts.none(), Coordination.none(), new Tenures(), new InUse());
    }

    @Inject
    public BackupKeeping(BackupFacts cluster, Coordination etcd, Tenures tenures, InUse inUse) {
        this.cluster = cluster;
        this.etcd = etcd;
        this.tenures = tenures;
        this.inUse = inUse;
    }

    /**
     * What a run of expire-backups would do now.
     *
     * @param frozen why nothing would be marked or deleted at all
     * @param lines of each backup, oldest first
     */
    public record DryRun(Optional<String> frozen, List<Line> lines) {
        public DryRun {
            lines = List.copyOf(lines);
        }
    }

    /**
     * One backup.
     *
     * @param verdict {@code stays}, {@code marked} (it goes later) or {@code goes}
     * @param goesAt when it is deleted if nothing changes
     */
    public record Line(String label, String verdict, List<String> reasons, Optional<Instant> goesAt) {
        public Line {
            reasons = List.copyOf(reasons);
        }
    }

    /** What a run of expire-backups would do now. It does nothing. */
    public DryRun dryRun() throws IOException {
        var now = Instant.now();
        var listing = new Catalogue(repository()).list();
        boolean elected = tenures.current().filter(Tenure::isHeld).isPresent();
        var expiry = Expiry.of(
                listing,
                inUse.labels(),
                cluster.policy().policy(),
                new RetentionFacts(cluster, etcd).now(listing, elected, now));
        var lines = expiry.lines().stream()
                .map(line -> new Line(
                        line.label(),
                        line.stays() ? "stays" : expiry.delete().contains(line.label()) ? "goes" : "marked",
                        line.reasons(),
                        line.goesAt()))
                .toList();
        return new DryRun(expiry.frozen(), lines);
    }

    /**
     * Makes etcd's copy of the catalogue what the repository holds.
     *
     * @return labels that were in the copy and are not in the repository: they are forgotten
     */
    public List<String> rebuild() throws IOException {
        var tenure = tenures.require();
        tenure.requireHeld("rebuilding the catalogue");
        return new CatalogueCopy(etcd).rebuild(new Catalogue(repository()).list(), tenure.licence());
    }

    /**
     * Keeps a backup until somebody says otherwise, or no longer.
     *
     * @param why for people; empty: it is no longer held
     * @return whether there is a backup of that label
     */
    public boolean hold(String label, Optional<String> why) throws IOException {
        var catalogue = new Catalogue(new FencedRepository(repository(), tenures.require()));
        if (catalogue.list().find(label).isEmpty()) {
            return false;
        }
        catalogue.hold(label, why, Instant.now());
        if (catalogue.list().find(label).isEmpty()) {
            // Its deletion was on its way, and what was written after it would be a folder that is no backup.
            catalogue.delete(label);
            return false;
        }
        return true;
    }

    private Repository repository() throws IOException {
        return Repositories.open(cluster.settings().orElseThrow(() -> new IOException("this machine is no manager")));
    }
}
