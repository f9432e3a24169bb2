package io.matriarch.ha.decide;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.Timeline;
import java.util.Comparator;
import java.util.Optional;

/**
 * The total order of candidates: the later timeline first, then the longer WAL, then the higher {@code failover_priority}, then the name.
 * The timeline goes before the length because a member on an older one may hold more bytes of a history that nobody continued.
 */
public final class CandidateRanking {
    /** Best first. */
    public static final Comparator<Candidate> BEST_FIRST = Comparator.comparing(Candidate::timeline)
            .thenComparing(Candidate::wal)
            .thenComparing(Candidate::priority)
            .reversed()
            .thenComparing(Candidate::name);

    private CandidateRanking() {}

    /**
     * Somebody who could lead.
     *
     * @param wal the end of the WAL that it holds on {@code timeline}
     * @param priority its {@code failover_priority}
     */
    public record Candidate(MemberName name, Timeline timeline, Lsn wal, int priority) {
        /** Whether this one holds a longer durable history than the other, whatever the priorities say. */
        public boolean holdsMoreThan(Candidate other) {
            int byTimeline = timeline.compareTo(other.timeline);
            return byTimeline > 0 || (byTimeline == 0 && wal.isAfter(other.wal));
        }

        boolean holdsTheSameAs(Candidate other) {
            return timeline.equals(other.timeline) && wal.equals(other.wal);
        }
    }

    /** The candidate that an answer describes; an answer without a timeline is taken to be on {@code assumed}. */
    static Optional<Candidate> of(PeerView peer, Timeline assumed) {
        return peer.wal()
                .map(wal -> new Candidate(
                        peer.name(),
                        peer.timeline().orElse(assumed),
                        wal,
                        peer.tags().failoverPriority()));
    }
}
