package io.matriarch.tests.support;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A prober on every member and a writer that follows the primary, for the time of one scenario. */
public final class Watch implements AutoCloseable {
    private static final Duration FIRST_WRITE = Duration.ofSeconds(30);

    private final MatriarchCluster cluster;
    private final List<AckWriter> writers = new ArrayList<>();

    private Watch(MatriarchCluster cluster) {
        this.cluster = cluster;
    }

    /** Begins to watch and waits until a write was acknowledged. */
    public static Watch over(MatriarchCluster cluster) {
        Watch watch = new Watch(cluster);
        List<Endpoint> endpoints =
                cluster.members().stream().map(Member::endpoint).toList();
        endpoints.forEach(endpoint -> watch.writers.add(new Prober(endpoint)));
        watch.writers.add(new FollowingWriter(endpoints));
        watch.writers.forEach(AckWriter::start);
        watch.awaitWriteSince(System.nanoTime(), FIRST_WRITE);
        return watch;
    }

    /** Watches what one client gets through a proxy in front of the cluster; waits until a write was acknowledged. */
    public static Watch through(MatriarchCluster cluster, Endpoint proxy) {
        Watch watch = new Watch(cluster);
        watch.writers.add(new FollowingWriter(List.of(proxy)));
        watch.writers.forEach(AckWriter::start);
        watch.awaitWriteSince(System.nanoTime(), FIRST_WRITE);
        return watch;
    }

    /** Adds a session that stays on this member, and waits until it has written. */
    public PinnedWriter pin(Member member) {
        PinnedWriter pinned = new PinnedWriter(member.endpoint());
        writers.add(pinned);
        pinned.start();
        Eventually.holds(
                "the session on " + member.name() + " writes",
                FIRST_WRITE,
                () -> !pinned.acknowledged().isEmpty());
        return pinned;
    }

    /** Blocks until a write that was sent after this moment was acknowledged by anybody. */
    public void awaitWriteSince(long nanos, Duration limit) {
        Eventually.find(
                "an acknowledged write",
                limit,
                () -> writers.stream().anyMatch(w -> sentSince(w, nanos))
                        ? Eventually.Look.found(true)
                        : Eventually.Look.missing(troubles()));
    }

    /** Blocks until another member than this one acknowledged a write; costs the cluster nothing. */
    public void awaitWriteByOtherThan(Member former, Duration limit) {
        Eventually.find(
                "a write acknowledged by another member than " + former.name(),
                limit,
                () -> writers.stream().anyMatch(w -> newestIsByOtherThan(former, w))
                        ? Eventually.Look.found(true)
                        : Eventually.Look.missing(troubles()));
    }

    private static boolean newestIsByOtherThan(Member former, AckWriter writer) {
        List<Acknowledgement> rows = writer.acknowledged();
        return !rows.isEmpty() && !rows.get(rows.size() - 1).member().equals(former.name());
    }

    private static boolean sentSince(AckWriter writer, long nanos) {
        List<Acknowledgement> rows = writer.acknowledged();
        return !rows.isEmpty() && rows.get(rows.size() - 1).sentAt() > nanos;
    }

    private String troubles() {
        return writers.stream().map(AckWriter::lastTrouble).toList().toString();
    }

    /** How many inserts that were sent to this member ended with an error instead of a confirmation. */
    public int refusedBy(Member member) {
        return writers.stream().mapToInt(w -> w.refusedBy(member.name())).sum();
    }

    /** All that was acknowledged so far. */
    public List<Acknowledgement> acknowledged() {
        return writers.stream().flatMap(w -> w.acknowledged().stream()).toList();
    }

    /**
     * Ends the writers, waits until the cluster is healthy and every member holds the same rows, and judges.
     */
    public Verdict finish() {
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        awaitWriteSince(System.nanoTime(), FIRST_WRITE);
        close();
        Member primary = cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        cluster.waitCaughtUp(MatriarchCluster.HEAL_LIMIT);
        List<Integer> numbers = writers.stream().map(AckWriter::number).toList();
        try {
            Set<AckTable.Row> held = AckTable.rows(primary.endpoint(), numbers);
            for (Member member : cluster.members()) {
                if (!AckTable.rows(member.endpoint(), numbers).equals(held)) {
                    throw new AssertionError(member.name() + " holds other rows than the primary " + primary.name());
                }
            }
            Verdict verdict = Verdict.of(acknowledged(), held);
            Report.say(verdict.summary());
            return verdict;
        } catch (SQLException e) {
            throw new AssertionError("cannot read the rows that " + primary.name() + " holds", e);
        }
    }

    @Override
    public void close() {
        writers.forEach(AckWriter::close);
    }
}
