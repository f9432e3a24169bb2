package io.matriarch.ha.decide;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.RejectedCandidate;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.Timeline;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Who of the peers that answered could take over from a leader that steps down by its own will. */
final class Candidates {
    private Candidates() {}

    /**
     * The best peer that could lead and that {@code objection} does not reject.
     *
     * @param ours the timeline of the WAL that it shall hold: a position on another one says nothing of how much of ours it has
     * @param rejected is filled with everybody else and why not
     */
    static Optional<PeerView> best(
            Cycle c, Timeline ours, List<RejectedCandidate> rejected, Function<PeerView, Optional<String>> objection) {
        return c.node().peers().values().stream()
                .filter(peer -> {
                    var why =
                            general(c, peer).or(() -> elsewhere(c, peer, ours)).or(() -> objection.apply(peer));
                    why.ifPresent(
                            w -> rejected.add(new RejectedCandidate(peer.name().value(), w)));
                    return why.isEmpty();
                })
                .flatMap(peer -> CandidateRanking.of(peer, ours).map(r -> new Ranked(peer, r)).stream())
                .min(Comparator.comparing(Ranked::rank, CandidateRanking.BEST_FIRST))
                .map(Ranked::peer);
    }

    private record Ranked(PeerView peer, CandidateRanking.Candidate rank) {}

    /** A replica that has not heard of our promotion yet is behind, not elsewhere, as long as it has not gone past where we left. */
    private static Optional<String> elsewhere(Cycle c, PeerView peer, Timeline ours) {
        return peer.timeline()
                .filter(t -> !t.equals(ours) && !isOnTheWay(c, t, peer.wal()))
                .map(t -> "it is on timeline " + t + ", we are on " + ours);
    }

    private static boolean isOnTheWay(Cycle c, Timeline timeline, Optional<Lsn> wal) {
        return c.cluster().history().stream()
                .filter(row -> row.timeline().equals(timeline))
                .anyMatch(row -> wal.filter(at -> !at.isAfter(row.switchLsn())).isPresent());
    }

    private static Optional<String> general(Cycle c, PeerView peer) {
        if (!peer.answered()) {
            return Optional.of("it did not answer");
        }
        if (peer.role() != PostgresRole.REPLICA || peer.wal().isEmpty()) {
            return Optional.of("its PostgreSQL is not a running replica");
        }
        if (peer.tags().nofailover()) {
            return Optional.of("it is tagged nofailover");
        }
        if (peer.watchdogFailed()) {
            return Optional.of("its watchdog has failed");
        }
        if (c.config().failsafeMode()
                && !c.cluster().failsafe().isEmpty()
                && !c.cluster().failsafe().containsKey(peer.name())) {
            return Optional.of("it is not in the failsafe map yet and would not race");
        }
        if (c.config().synchronousMode() != SynchronousMode.OFF
                && c.cluster()
                        .sync()
                        .filter(s -> !s.standbys().isEmpty())
                        .filter(s -> !s.contains(peer.name()))
                        .isPresent()) {
            return Optional.of("it is not a synchronous standby");
        }
        return Optional.empty();
    }
}
