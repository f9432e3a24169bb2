package io.matriarch.ha.decide;

import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresRole;
import java.time.Duration;
import java.util.Optional;

/** Nobody leads, and the {@code failover} key names who should. */
final class NamedCandidate {
    /** How long a successor has the leader key to itself without being asked whether it lives: it was asked a moment ago. */
    static final Duration HEAD_START = Duration.ofSeconds(1);
    /** How long a named candidate that lives has the leader key to itself. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private NamedCandidate() {}

    /** Who is named, if it is another member. */
    static Optional<MemberName> other(Cycle c) {
        return named(c).filter(name -> !name.equals(c.self()));
    }

    /** Whether we are named: among members that hold the same that counts before their priorities. */
    static boolean goesByName(Cycle c) {
        return named(c).filter(c.self()::equals).isPresent();
    }

    private static Optional<MemberName> named(Cycle c) {
        return c.cluster().failover().filter(FailoverRequest::isImmediate).flatMap(FailoverRequest::candidate);
    }

    /**
     * Whether it is settled that we lead next: the old leader has judged what we hold, or the operator took what we lack upon himself. A
     * hand-over that the old leader did not live to begin says nothing of that: then the named candidate only goes first.
     */
    static boolean isOurself(Cycle c) {
        return successor(c).filter(c.self()::equals).isPresent();
    }

    /** Another member, if it is settled that it leads next, and so short a time ago that nobody else need do anything. */
    static Optional<MemberName> withHeadStart(Cycle c) {
        return successor(c)
                .filter(name -> !name.equals(c.self()))
                .filter(name -> c.leaderlessFor().compareTo(HEAD_START) < 0);
    }

    private static Optional<MemberName> successor(Cycle c) {
        return c.cluster().failover().filter(FailoverRequest::namesSuccessor).flatMap(FailoverRequest::candidate);
    }

    /** Whether to leave the leader key to {@code named}, by what it answered. */
    static boolean goesFirst(Cycle c, MemberName named, CandidateRanking.Candidate me) {
        var peer = Optional.ofNullable(c.node().peers().get(named));
        boolean able = peer.filter(PeerView::answered)
                .filter(p -> p.role() == PostgresRole.REPLICA && !p.tags().nofailover())
                .isPresent();
        // Whoever leaves the key to us because we hold more must not be waited for.
        boolean leavesItToUs =
                c.cluster().failover().filter(f -> !f.namesSuccessor()).isPresent()
                        && peer.flatMap(p -> CandidateRanking.of(p, me.timeline()))
                                .filter(me::holdsMoreThan)
                                .isPresent();
        return able && !leavesItToUs && c.leaderlessFor().compareTo(PATIENCE) < 0;
    }
}
