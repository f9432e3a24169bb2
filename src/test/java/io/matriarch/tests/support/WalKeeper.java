package io.matriarch.tests.support;

import io.matriarch.backup.WalStatus;
import io.matriarch.backup.base.Login;
import io.matriarch.backup.base.Source;
import io.matriarch.backup.repository.DirectoryRepository;
import io.matriarch.backup.stream.Servers;
import io.matriarch.backup.stream.WalCluster;
import io.matriarch.backup.stream.WalStream;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The product's WAL stream, run in this process, on a repository of its own. */
public final class WalKeeper implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final WalStream stream;
    private final Thread thread;
    private final Path repository;
    private final List<WalStatus.State> states = new CopyOnWriteArrayList<>();
    private volatile WalStatus status = WalStatus.off("not begun", Instant.now());

    /** @param home holds the repository and the local folder, both of which outlive this */
    public WalKeeper(WalCluster cluster, Servers servers, Path home, Duration longestSegment) {
        this.repository = home.resolve("repository");
        var parts = new WalStream.Parts(
                cluster, servers, () -> new DirectoryRepository(repository), home.resolve("work"), longestSegment);
        this.stream = new WalStream(parts, () -> true, this::note, Clock.systemUTC());
        this.thread = Thread.ofPlatform().daemon().name("wal").start(stream::run);
    }

    private void note(WalStatus now) {
        status = now;
        if (states.isEmpty() || states.getLast() != now.state()) {
            states.add(now.state());
        }
    }

    /** Of a test cluster: who leads says etcd. */
    public static WalCluster of(MatriarchCluster cluster) {
        return new WalCluster() {
            @Override
            public Optional<Source> leader() throws IOException {
                try {
                    return cluster.leaderKey().map(name -> source(cluster.member(name)));
                } catch (IllegalStateException e) {
                    throw new IOException("etcd does not answer", e);
                }
            }

            @Override
            public List<Source> members() {
                return cluster.members().stream().map(WalKeeper::source).toList();
            }
        };
    }

    private static Source source(Member member) {
        return new Source(member.name(), member.host().address(), member.postgresPort(), "postgres");
    }

    /** The logins of a test cluster. */
    public static Servers logins() {
        return new Servers(
                new Login(Endpoint.USER, Endpoint.PASSWORD), new Login("replicator", "matriarch-replication"));
    }

    public WalStatus status() {
        return status;
    }

    /** All states that it was in, in their order. */
    public List<WalStatus.State> states() {
        return List.copyOf(states);
    }

    public Path repository() {
        return repository;
    }

    /** What was stored of a system. */
    public WalArchive archive(SystemIdentifier system) throws IOException {
        return new WalArchive(new DirectoryRepository(repository), system);
    }

    /** Blocks until all up to there is in the repository. */
    public void waitDurable(Lsn lsn) {
        Eventually.find(
                "all WAL up to " + lsn + " in the repository",
                LIMIT,
                () -> status.durable()
                                .map(Lsn::parse)
                                .filter(d -> d.isAtLeast(lsn))
                                .isPresent()
                        ? Eventually.Look.found(true)
                        : Eventually.Look.missing(status.toString()));
    }

    /** Blocks until the status is as wanted. */
    public void waitFor(String what, java.util.function.Predicate<WalStatus> wanted) {
        Eventually.find(
                what,
                LIMIT,
                () -> wanted.test(status) ? Eventually.Look.found(true) : Eventually.Look.missing(status.toString()));
    }

    @Override
    public void close() {
        stream.end();
        try {
            if (!thread.join(Duration.ofSeconds(20))) {
                throw new IllegalStateException("the stream does not end: " + status);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
