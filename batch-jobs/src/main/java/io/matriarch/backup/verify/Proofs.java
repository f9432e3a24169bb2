package io.matriarch.backup.verify;

import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.catalogue.Numbered;
import io.matriarch.backup.repository.Repository;
import io.matriarch.ha.model.SystemIdentifier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** What earlier verifications saw, as it stands beside the backups. Every method blocks as long as the repository does. */
final class Proofs {
    private static final String PROOF = "proof-";

    private final Repository repository;

    Proofs(Repository repository) {
        this.repository = repository;
    }

    /** What verifications of backups of that system saw. */
    Earlier earlier(Catalogue.Listing backups, SystemIdentifier system) throws IOException {
        var names = new TreeMap<String, TreeSet<String>>();
        for (var object : repository.list(Catalogue.FOLDER)) {
            var name = object.name();
            int file = name.lastIndexOf('/') + 1;
            var label = name.substring(Catalogue.FOLDER.length(), Math.max(Catalogue.FOLDER.length(), file - 1));
            boolean ours = backups.find(label)
                    .filter(e -> e.description().system().equals(system))
                    .isPresent();
            if (ours && name.startsWith(PROOF, file)) {
                names.computeIfAbsent(label, l -> new TreeSet<>()).add(name);
            }
        }
        var seen = new ArrayList<Earlier.Seen>();
        for (var ofOne : names.values()) {
            lastThatCounts(ofOne.descendingSet()).ifPresent(seen::add);
        }
        return new Earlier(repository, seen);
    }

    private Optional<Earlier.Seen> lastThatCounts(Iterable<String> newestFirst) throws IOException {
        for (var name : newestFirst) {
            var proof = ProofDocument.read(repository, name).filter(ProofDocument::counts);
            if (proof.isPresent()) {
                return Optional.of(Earlier.Seen.of(name, proof.get()));
            }
        }
        return Optional.empty();
    }

    /** Writes one behind those that are there. */
    void write(String label, ProofDocument proof) throws IOException {
        Numbered.append(repository, Catalogue.FOLDER + label + "/" + PROOF, proof.toJson());
    }
}
