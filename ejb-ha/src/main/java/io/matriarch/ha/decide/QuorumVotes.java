package io.matriarch.ha.decide;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.SynchronousMode;
import java.util.Optional;

/**
 * Whether enough voters of the sync key confirm that a candidate holds every acknowledged commit. The key says what was promised, also
 * when the mode was changed since: one that was written in quorum mode promises nothing of a single standby.
 */
final class QuorumVotes {
    private QuorumVotes() {}

    /** @return why they do not, or empty */
    static Optional<String> missing(Cycle c, MemberName candidate, Lsn holds) {
        var sync = c.cluster().sync().filter(s -> s.leader().isPresent());
        var mode = c.config().synchronousMode();
        if (mode == SynchronousMode.OFF || sync.isEmpty()) {
            return Optional.empty();
        }
        var state = sync.get();
        boolean formerLeader = state.leader().filter(candidate::equals).isPresent();
        if (formerLeader) {
            return Optional.empty();
        }
        if (mode == SynchronousMode.PRIORITY && state.quorum() == 0) {
            // Each standby that it names has every commit by itself, and nobody else is known to.
            return state.standbys().contains(candidate)
                    ? Optional.empty()
                    : Optional.of("it is not promised to hold every commit");
        }
        long votes = (state.standbys().contains(candidate) ? 0 : -1)
                + c.node().peers().values().stream()
                        .filter(PeerView::answered)
                        .filter(p -> !p.name().equals(candidate))
                        .filter(p -> state.standbys().contains(p.name()))
                        .filter(p -> p.wal().filter(holds::isAtLeast).isPresent())
                        .count();
        return votes >= state.quorum()
                ? Optional.empty()
                : Optional.of("only " + votes + " of the " + state.quorum() + " needed voters confirm that "
                        + (candidate.equals(c.self()) ? "we hold" : "it holds") + " every commit");
    }
}
