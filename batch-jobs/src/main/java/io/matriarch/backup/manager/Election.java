package io.matriarch.backup.manager;

import io.matriarch.ha.api.Coordination;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.LeaseId;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One manager of several: who holds the lock in etcd. Its key hangs on a lease; the revision at which it was created is the fencing token.
 * Whether the tenure still lasts is counted from the time when the last successful renewal was sent, since etcd's time to live began before
 * its answer arrived. An outage of etcd ends no tenure by itself, it only makes it doubtful: work goes on, and nothing is written before
 * etcd has answered again. Thread safe.
 */
public final class Election {
    /** Name of the lock below the managers' folder. */
    public static final String LOCK = "lock";

    /** Folder of the managers that run. */
    public static final String MANAGERS = "managers/";

    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration MARGIN = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final long RENEW_NANOS = TTL.toNanos() / 4;

    private final Coordination etcd;
    private final String name;
    private final String card;
    private final LongSupplier nanoTime;
    private Optional<Lease> lease = Optional.empty();
    private Optional<Tenure> tenure = Optional.empty();
    private Optional<Holder> holder = Optional.empty();

    /** Until when a lease is certain; the renewing thread writes, jobs read. */
    private static final class Lease {
        private final LeaseId id;
        private volatile long certainUntil;
        private volatile boolean ended;
        private long renewAt;

        Lease(LeaseId id) {
            this.id = id;
        }

        /** From now on it licenses nothing, whatever etcd says of it. */
        void ends(long now) {
            certainUntil = now;
            ended = true;
        }

        void renewed(long sentAt, Duration ttl) {
            if (ended) {
                return;
            }
            certainUntil = sentAt + ttl.minus(MARGIN).toNanos();
            renewAt = sentAt + RENEW_NANOS;
        }
    }

    /**
     * The elected manager.
     *
     * @param url of its REST interface
     * @param token revision at which it took the lock
     */
    public record Holder(String name, String url, long token) {}

    /** What a turn changed. */
    public enum Change {
        NONE,
        ELECTED,
        LOST
    }

    /**
     * @param name of this manager
     * @param url where its REST interface is reached
     */
    public Election(Coordination etcd, String name, String url, LongSupplier nanoTime) {
        this.etcd = etcd;
        this.name = name;
        this.card = Json.compact(Map.of("name", name, "url", url));
        this.nanoTime = nanoTime;
    }

    /**
     * One turn: renews the lease when it is time, takes the lock if it is free. Blocks for a few answers of etcd at most.
     *
     * @throws IOException if etcd did not answer: nothing is known anew, and the tenure stays what it was
     */
    public synchronized Change turn() throws IOException {
        if (lease.isPresent() && !renew(lease.get())) {
            lease.get().ends(nanoTime.getAsLong());
            lease = Optional.empty();
            if (tenure.isPresent()) {
                tenure = Optional.empty();
                holder = Optional.empty();
                return Change.LOST;
            }
        }
        if (lease.isEmpty()) {
            lease = Optional.of(begin());
        }
        return look(lease.get());
    }

    /** Renews the lease when it is time, and nothing else: for a thread that waits for nothing else. Blocks for one answer. */
    public synchronized void keep() throws IOException {
        if (lease.isPresent() && !renew(lease.get())) {
            lease.get().ends(nanoTime.getAsLong());
        }
    }

    /** @return whether the lease is there still */
    private boolean renew(Lease held) throws IOException {
        long now = nanoTime.getAsLong();
        if (held.ended) {
            return false;
        }
        if (now - held.renewAt < 0) {
            return true;
        }
        var granted = etcd.keepAlive(held.id, ANSWER);
        granted.ifPresent(ttl -> held.renewed(now, ttl));
        return granted.isPresent();
    }

    private Lease begin() throws IOException {
        long now = nanoTime.getAsLong();
        var fresh = new Lease(etcd.grantLease(TTL));
        fresh.renewed(now, TTL);
        etcd.show(MANAGERS + name, card, fresh.id);
        return fresh;
    }

    private Change look(Lease held) throws IOException {
        holder = read();
        if (tenure.isPresent()) {
            long token = tenure.get().token();
            if (holder.filter(h -> h.token() == token).isPresent()) {
                return Change.NONE;
            }
            // Somebody deleted the key: the lease alone licenses nothing.
            held.ends(nanoTime.getAsLong());
            tenure = Optional.empty();
            lease = Optional.empty();
            return Change.LOST;
        }
        if (holder.isPresent() || !take(held)) {
            return Change.NONE;
        }
        return holder.filter(h -> h.name().equals(name))
                .map(mine -> {
                    tenure = Optional.of(new Tenure(name, mine.token(), () -> isCertain(held), () -> held.ended));
                    return Change.ELECTED;
                })
                .orElse(Change.NONE);
    }

    /** A lock that was taken without anybody's knowing would be renewed for ever, and nobody would work: then the lease is left to end. */
    private boolean take(Lease held) throws IOException {
        try {
            boolean taken = etcd.take(LOCK, card, held.id).isDone();
            holder = taken ? read() : holder;
            return taken;
        } catch (IOException e) {
            held.ends(nanoTime.getAsLong());
            lease = Optional.empty();
            throw e;
        }
    }

    private boolean isCertain(Lease held) {
        return nanoTime.getAsLong() - held.certainUntil < 0;
    }

    private Optional<Holder> read() throws IOException {
        return etcd.get(LOCK).map(Election::holder);
    }

    private static Holder holder(Coordination.Entry entry) {
        var card = Json.tryParseObject(entry.value()).orElse(new JsonObject(Map.of()));
        return new Holder(
                card.string("name").orElse("unknown"), card.string("url").orElse(""), entry.created());
    }

    /** The tenure of this manager, if it has one. */
    public synchronized Optional<Tenure> tenure() {
        return tenure;
    }

    /** Who was elected when etcd answered last. */
    public synchronized Optional<Holder> holder() {
        return holder;
    }

    /** Gives the lock free, so that another manager does not have to wait for the end of the lease. Blocks for one answer. */
    public synchronized void resign() throws IOException {
        if (tenure.isPresent()) {
            var licence = new Coordination.Licence(LOCK, tenure.get().token());
            tenure = Optional.empty();
            lease.ifPresent(held -> held.ends(nanoTime.getAsLong()));
            lease = Optional.empty();
            etcd.delete(LOCK, licence);
        }
    }
}
