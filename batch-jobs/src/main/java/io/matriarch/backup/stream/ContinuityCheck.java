package io.matriarch.backup.stream;

import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.backup.wal.WalArchive.Listing;
import io.matriarch.backup.wal.WalContinuity;
import io.matriarch.backup.wal.WalContinuity.Copy;
import io.matriarch.backup.wal.WalContinuity.Proof;
import io.matriarch.ha.model.SystemIdentifier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Proves the chain of WAL from the oldest backup to the present, by what the repository itself says; reads the newest segment back. */
public final class ContinuityCheck {
    private final Repository repository;
    private final Path work;
    private final Clock clock;

    /** @param work local folder for one segment */
    public ContinuityCheck(Repository repository, Path work, Clock clock) {
        this.repository = repository;
        this.work = work;
        this.clock = clock;
    }

    /**
     * What was found.
     *
     * @param whole whether nothing lacks
     */
    public record Finding(boolean whole, String sentence) {}

    /** Blocks as long as it takes. @throws IOException if it cannot be found out */
    public Finding run() throws IOException {
        var systems = WalArchive.systems(repository);
        if (systems.isEmpty()) {
            return new Finding(
                    false, "there is no WAL in the repository: is matriarch.backup.wal on, and the stream running?");
        }
        var listing = new Catalogue(repository).list();
        if (!listing.unreadable().isEmpty()) {
            return new Finding(false, "backups that cannot be read: " + listing.unreadable());
        }
        var findings = new ArrayList<Finding>();
        for (var system : systems) {
            var copies = listing.entries().stream()
                    .map(Catalogue.Entry::description)
                    .filter(d -> d.system().equals(system))
                    .map(d -> new Copy(d.label(), d.timeline(), d.start(), d.stop(), d.stoppedAt()))
                    .toList();
            findings.add(of(new WalArchive(repository, system), copies));
        }
        return new Finding(
                findings.stream().allMatch(Finding::whole),
                String.join("; ", findings.stream().map(Finding::sentence).toList()));
    }

    private Finding of(WalArchive archive, List<Copy> copies) throws IOException {
        var listing = archive.list();
        if (!listing.unknown().isEmpty()) {
            return new Finding(false, "what does not belong there: " + listing.unknown());
        }
        var last = listing.segments().entrySet().stream()
                .max(Comparator.comparing((Map.Entry<SegmentName, WalArchive.Stored> e) ->
                                e.getValue().storedAt())
                        .thenComparing(Map.Entry::getKey));
        if (last.isEmpty()) {
            return new Finding(false, "no segment of system " + archive.system() + " is there");
        }
        var name = last.get().getKey();
        var size = archive.check(name, work)
                .orElseThrow(() -> new IOException(name + " was listed and is not there any more"));
        return describe(archive.system(), proof(archive, listing, size, copies, name), listing, name, copies);
    }

    private static Proof proof(
            WalArchive archive, Listing listing, SegmentSize size, List<Copy> copies, SegmentName newest)
            throws IOException {
        try {
            return new WalContinuity(listing, archive.timelines(listing), size).prove(copies, newest.timeline());
        } catch (IllegalArgumentException e) {
            throw new IOException("system " + archive.system() + ": " + e.getMessage(), e);
        }
    }

    private Finding describe(
            SystemIdentifier system, Proof proof, Listing listing, SegmentName newest, List<Copy> copies) {
        var stored = listing.segments().get(newest);
        var age = stored == null
                ? ""
                : Duration.between(stored.storedAt(), clock.instant()).toSeconds() + " s ago";
        var words = new StringBuilder();
        if (!proof.holes().isEmpty()) {
            words.append("WAL lacks: ").append(proof.holes()).append("; take a new base backup");
        } else if (proof.chains().isEmpty()) {
            words.append(
                    copies.isEmpty()
                            ? "no backup of system " + system
                            : "no backup that leads to timeline " + newest.timeline());
        } else {
            var chain = proof.chains().getFirst();
            words.append("whole from ")
                    .append(chain.backup())
                    .append(" (")
                    .append(chain.from())
                    .append(") to ")
                    .append(chain.to())
                    .append(" on timeline ")
                    .append(newest.timeline());
        }
        words.append("; ")
                .append(listing.segments().size())
                .append(" segments, the newest, ")
                .append(newest)
                .append(", stored ")
                .append(age)
                .append(" and read back");
        if (!proof.dead().isEmpty()) {
            words.append("; on branches that were left: ").append(String.join(", ", proof.dead()));
        }
        return new Finding(proof.holes().isEmpty(), words.toString());
    }
}
