package io.matriarch.backup.verify;

import io.matriarch.backup.repository.Repository;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Earlier verifications, of each backup the last that it counted after; of each only what is needed to choose.
 *
 * @param repository that they stand in
 * @param seen in no order
 */
public record Earlier(Repository repository, List<Seen> seen) {
    public Earlier {
        seen = List.copyOf(seen);
    }

    /**
     * One of them.
     *
     * @param name in the repository
     * @param at as in {@link ProofDocument}
     * @param of as there
     * @param replayed as there
     */
    public record Seen(String name, Instant at, Instant of, boolean replayed) {
        static Seen of(String name, ProofDocument proof) {
            return new Seen(name, proof.at(), proof.of(), proof.replayed());
        }
    }

    /** How many verifications ended since the last that replayed to a moment. */
    int sinceReplay() {
        var last = seen.stream().filter(Seen::replayed).map(Seen::at).max(Comparator.naturalOrder());
        long since = seen.stream()
                .filter(p -> last.filter(at -> !p.at().isAfter(at)).isEmpty())
                .count();
        return last.isEmpty() ? Integer.MAX_VALUE - 1 : Math.toIntExact(since);
    }

    /** The newest whose data are older than that moment. Blocks as long as the repository does. */
    Optional<ProofDocument> before(Instant of) throws IOException {
        var newest = seen.stream().filter(p -> p.of().isBefore(of)).max(Comparator.comparing(Seen::of));
        return newest.isEmpty()
                ? Optional.empty()
                : ProofDocument.read(repository, newest.get().name());
    }
}
