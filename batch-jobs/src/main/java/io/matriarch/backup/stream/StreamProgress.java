package io.matriarch.backup.stream;

import io.matriarch.backup.WalStatus;
import io.matriarch.backup.WalStatus.State;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** Keeps what the stream says of itself. Thread safe. */
final class StreamProgress {
    private final Consumer<WalStatus> board;
    private final Clock clock;
    private State state = State.WAITING;
    private String why = "it begins";
    private Instant since;
    private Optional<String> member = Optional.empty();
    private Optional<SystemIdentifier> system = Optional.empty();
    private Optional<Timeline> timeline = Optional.empty();
    private Optional<Lsn> received = Optional.empty();
    private Optional<Lsn> durable = Optional.empty();
    private Optional<Instant> durableAt = Optional.empty();
    private Optional<Lsn> serverEnd = Optional.empty();
    private Optional<SegmentName> segment = Optional.empty();
    private Optional<String> gap = Optional.empty();
    private long stored;

    StreamProgress(Consumer<WalStatus> board, Clock clock) {
        this.board = board;
        this.clock = clock;
        this.since = clock.instant();
    }

    /** @return whether that is news */
    synchronized boolean is(State now, String reason) {
        boolean news = now != state || !reason.equals(why);
        if (now != state) {
            since = clock.instant();
        }
        state = now;
        why = reason;
        publish();
        return news;
    }

    synchronized void streams(String from, SystemIdentifier of, Timeline on, Lsn start) {
        member = Optional.of(from);
        system = Optional.of(of);
        timeline = Optional.of(on);
        received = Optional.of(start);
        is(State.STREAMING, "");
    }

    synchronized void received(Lsn position, Lsn end) {
        received = Optional.of(position);
        serverEnd = Optional.of(end);
    }

    /** The repository holds all up to there on the leader's timeline; what was known of another leader's holds no more. */
    synchronized void durable(Lsn position) {
        durable = Optional.of(position);
        publish();
    }

    /** What the repository itself says of its newest segment on the leader's path. */
    synchronized void readBack(SegmentName name, Instant storedAt) {
        segment = Optional.of(name);
        durableAt = Optional.of(storedAt);
    }

    synchronized void begins() {
        durable = Optional.empty();
    }

    /** A segment is in the repository; whether all before it is too is not said by that. */
    synchronized void stored(SegmentName name) {
        segment = Optional.of(name);
        durableAt = Optional.of(clock.instant());
        stored++;
        publish();
    }

    synchronized void gap(Optional<String> what) {
        gap = what;
        publish();
    }

    synchronized Optional<Lsn> durable() {
        return durable;
    }

    synchronized Optional<Lsn> received() {
        return received;
    }

    /** How many segments were stored since the beginning. */
    synchronized long stored() {
        return stored;
    }

    synchronized void publish() {
        board.accept(new WalStatus(
                state,
                why,
                member,
                system.map(SystemIdentifier::value),
                timeline.map(Timeline::id),
                received.map(Lsn::toString),
                durable.map(Lsn::toString),
                durableAt,
                serverEnd.map(Lsn::toString),
                segment.map(SegmentName::toString),
                gap,
                since));
    }
}
