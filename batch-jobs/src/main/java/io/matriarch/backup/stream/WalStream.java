package io.matriarch.backup.stream;

import io.matriarch.backup.WalStatus;
import io.matriarch.backup.WalStatus.State;
import io.matriarch.backup.base.Source;
import io.matriarch.backup.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Receives the WAL of a cluster into a repository, from whoever leads, across fail-overs, until it is ended. What it confirms to the server is
 * what is durable in the repository: so the slot keeps everything else, and a manager that is lost with all its files loses no WAL.
 */
public final class WalStream {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofSeconds(2);

    /**
     * What it works with.
     *
     * @param repository opens it; asked again after each failure, so that a volume that was mounted late is found
     * @param work local folder for what is on its way
     * @param longestSegment after this time a segment with a transaction in it is ended, so that it can be stored
     */
    public record Parts(
            WalCluster cluster, Servers servers, RepositorySource repository, Path work, Duration longestSegment) {}

    /** Opens the repository. */
    @FunctionalInterface
    public interface RepositorySource {
        /** @throws IOException if it is not there */
        Repository open() throws IOException;
    }

    private final Parts parts;
    private final StreamGate gate;
    private final StreamProgress progress;
    private final SlotSteward slots;
    private final Clock clock;

    /** @param held whether this manager is still the elected one; asked before each write */
    public WalStream(Parts parts, BooleanSupplier held, Consumer<WalStatus> board, Clock clock) {
        this.parts = parts;
        this.gate = new StreamGate(held);
        this.progress = new StreamProgress(board, clock);
        this.slots = new SlotSteward(parts.servers());
        this.clock = clock;
    }

    /** Receives until {@link #end}; blocks, and starts one more thread for the time. */
    public void run() {
        var steward = Thread.ofPlatform().daemon().name("matriarch-wal-steward").start(this::attend);
        var pause = FIRST_PAUSE;
        while (gate.isOpen()) {
            if (!gate.goesOn()) {
                progress.is(
                        State.WAITING,
                        "etcd does not answer: whether this manager is still the elected one is not certain");
                gate.await(FIRST_PAUSE);
                continue;
            }
            long before = progress.stored();
            var receiver = new WalReceiver(parts, gate, progress, slots);
            try {
                receiver.receive();
                pause = FIRST_PAUSE;
            } catch (StoreFailedException e) {
                trouble(State.REPOSITORY_FAILS, e);
            } catch (IOException e) {
                if (gate.goesOn()) {
                    trouble(State.WAITING, e);
                }
            }
            pause = progress.stored() > before ? FIRST_PAUSE : pause;
            if (gate.goesOn()) {
                gate.await(pause);
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
        gate.end();
        try {
            steward.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        progress.is(State.OFF, "this manager is not the elected one any more");
    }

    private void trouble(State state, IOException e) {
        var words = String.valueOf(e.getMessage());
        if (progress.is(state, words)) {
            if (state == State.REPOSITORY_FAILS) {
                LOG.errorf("[wal-not-stored] %s", words);
            } else {
                LOG.warnf("[wal-stream] %s", words);
            }
        }
    }

    /** Ends it from another thread; {@link #run} returns soon. Does not block. */
    public void end() {
        gate.end();
    }

    /** Besides the stream: the slots of the others, a leader that changed, a segment that does not fill. */
    private void attend() {
        var closer = new SegmentCloser(slots, progress, parts.longestSegment(), clock);
        Optional<Source> streaming = Optional.empty();
        while (gate.isOpen()) {
            try {
                var leader = parts.cluster().leader();
                if (leader.isPresent() && streaming.isPresent() && !leader.equals(streaming)) {
                    gate.reconnect();
                }
                if (leader.isPresent() && gate.goesOn()) {
                    streaming = leader;
                    closer.look(leader.get());
                    followers(leader.get());
                }
            } catch (IOException e) {
                LOG.debugf("[wal-steward] %s", e.getMessage());
            }
            gate.await(LOOK);
        }
    }

    private void followers(Source leader) throws IOException {
        var durable = progress.durable();
        for (var member : durable.isPresent() ? parts.cluster().members() : List.<Source>of()) {
            if (!member.equals(leader) && gate.goesOn()) {
                try {
                    slots.follow(member, durable.get());
                } catch (IOException e) {
                    // One that is down gets its slot when it is back; the others need theirs now.
                    LOG.debugf("[wal-steward] %s", e.getMessage());
                }
            }
        }
    }
}
