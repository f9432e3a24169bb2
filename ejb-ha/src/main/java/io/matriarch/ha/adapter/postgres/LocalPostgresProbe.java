package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.RejoinEvidence;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.port.PostgresException;
import io.matriarch.ha.port.PostgresProbe;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Looks at the local PostgreSQL: its files, its processes and, by one held session, itself. All looking is done on a thread of its own,
 * so that neither a dead disk nor a dead socket holds the loop longer than the bound.
 */
public final class LocalPostgresProbe implements PostgresProbe {
    private static final Logger LOG = Logger.getLogger(LocalPostgresProbe.class);

    private final FactsLook look;
    private final LocalWal wal;
    private final LeaderInquiry inquiry;
    private final Bounded looking = new Bounded("matriarch-probe");
    private final Bounded reading = new Bounded("matriarch-wal");
    private Optional<Facts> last = Optional.empty();

    /**
     * @param settingsChanged whether the effective configuration differs from the files on disk; asked at each look, must be cheap
     * @param timelines shared by all probes of one server: peers ask another than the loop, and both must know how far it has come
     */
    public LocalPostgresProbe(
            PgPaths paths,
            PgConnections connections,
            PostgresTools tools,
            BooleanSupplier settingsChanged,
            SeenTimelines timelines) {
        this.look = new FactsLook(paths, connections, tools, settingsChanged, timelines, RecoverySection::upstream);
        this.wal = new LocalWal(paths, tools);
        this.inquiry = new LeaderInquiry(connections);
    }

    @Override
    public Facts look(Duration bound) {
        // The look bounds itself; only one that is stuck in the kernel is given up, and a busy machine is not that.
        Duration stuck = bound.multipliedBy(2);
        Facts facts = within(looking, stuck, () -> look.look(bound)).orElseGet(() -> FactsLook.unanswered(last));
        last = Optional.of(facts);
        return facts;
    }

    @Override
    public Optional<Lsn> endOfWal(Timeline timeline, Lsn from, Duration bound) {
        return within(reading, bound, () -> wal.endOfWal(timeline, from, bound)).flatMap(found -> found);
    }

    @Override
    public RejoinEvidence rejoinEvidence(Upstream leader, Duration bound) throws PostgresException {
        var member = leader.member()
                .orElseThrow(() -> new PostgresException("the leader to judge against has no name: " + leader.host()));
        Facts local = last.orElseThrow(() -> new PostgresException("the local PostgreSQL was not looked at yet"));
        long deadline = System.nanoTime() + bound.toNanos();
        LeaderInquiry.Facts there = call(reading, bound, () -> inquiry.ask(leader, bound));
        Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        LocalWal.End here = call(reading, left, () -> wal.localEnd(local, left));
        return new RejoinEvidence(
                member,
                there.system(),
                there.timeline(),
                there.primary(),
                there.history(),
                wal.switches(here.timeline()),
                here.timeline(),
                here.end());
    }

    @Override
    public List<HistoryEntry> history(Timeline timeline) throws PostgresException {
        return wal.history(timeline);
    }

    @Override
    public void close() {
        looking.close();
        reading.close();
        look.close();
    }

    private interface Work<T> {
        T run() throws Exception;
    }

    private static <T> Optional<T> within(Bounded thread, Duration bound, Work<T> work) {
        try {
            return thread.call(work::run, bound);
        } catch (ExecutionException e) {
            // A look reports what it finds; an exception is a fault of the looking itself, and then nothing is known.
            LOG.error("looking at PostgreSQL failed", e.getCause());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static <T> T call(Bounded thread, Duration bound, Work<T> work) throws PostgresException {
        try {
            return thread.call(work::run, bound)
                    .orElseThrow(() -> new PostgresException("no evidence within " + bound.toMillis() + " ms"));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PostgresException known) {
                throw known;
            }
            throw new PostgresException("gathering evidence failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("gathering evidence was interrupted", e);
        }
    }
}
