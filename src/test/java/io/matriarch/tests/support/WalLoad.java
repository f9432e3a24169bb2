package io.matriarch.tests.support;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A writer that makes a cluster write a lot of WAL and follows the primary. */
public final class WalLoad implements AutoCloseable {
    /** How many rows there are, and a checksum of all of them. */
    public static final String FINGERPRINT =
            "select count(*) || ' rows, ' || coalesce(sum(hashtext(text)::bigint), 0) from wal_load";

    private static final String WRITE =
            "insert into wal_load (text) select md5(random()::text) || repeat('x', 500) from generate_series(1, 400)";
    private static final long PAUSE_NANOS = 30_000_000L;

    private final List<Endpoint> endpoints;
    private final AtomicLong rows = new AtomicLong();
    private final Thread thread;
    private volatile boolean stopping;

    private WalLoad(List<Endpoint> endpoints) {
        this.endpoints = List.copyOf(endpoints);
        thread = Thread.ofPlatform().daemon().name("wal load").start(this::run);
    }

    /** Starts writing. */
    public static WalLoad on(MatriarchCluster cluster) throws SQLException {
        Sql.execute(cluster.primary().endpoint(), "create table if not exists wal_load (id bigserial, text text)");
        return new WalLoad(cluster.members().stream().map(Member::endpoint).toList());
    }

    private void run() {
        for (int n = 0; !stopping; n++) {
            try (Connection connection = endpoints.get(n % endpoints.size()).connect(Endpoint.DATABASE, 3);
                    var write = connection.prepareStatement(WRITE)) {
                while (!stopping) {
                    rows.addAndGet(write.executeUpdate());
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (SQLException e) {
                // A replica, or one that is on its way down: the next one is asked.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Rows that were confirmed. */
    public long rows() {
        return rows.get();
    }

    /** Writes no more when this returns. */
    public void stop() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
