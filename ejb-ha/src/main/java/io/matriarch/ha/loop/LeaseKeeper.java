package io.matriarch.ha.loop;

import io.matriarch.ha.model.LeaderLease;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.LeaseView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.port.Dcs;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.FenceException;
import io.matriarch.ha.port.FenceKeeper;
import io.matriarch.ha.port.MonotonicClock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Keeps this agent's one lease alive, on a thread of its own that waits for nothing else, and moves the fence's deadline with each
 * renewal while this member leads.
 *
 * <p>The deadline counts from the moment the renewal was <em>sent</em>: etcd's time to live started before its answer reached us. An
 * extension is licensed by the loop ({@link #guard}), which has seen the leader key on this very lease; it never passes what etcd granted.
 */
public final class LeaseKeeper {
    private static final Logger LOG = Logger.getLogger(LeaseKeeper.class);
    private static final Duration SHORTEST = Duration.ofMillis(200);
    private static final Duration LONGEST_TRY = Duration.ofMillis(1500);

    private final Dcs dcs;
    private final FenceKeeper fence;
    private final MonotonicClock clock;
    private final Consumer<Optional<LeaseId>> remember;
    private final Runnable wakeLoop;
    private final Runnable paceChanged;
    private Optional<LeaseView> lease = Optional.empty();
    private Optional<LeaseId> guarded = Optional.empty();
    private boolean missing;
    private Optional<MonotonicTime> loopTickedAt = Optional.empty();
    private Timing timing = new Timing(Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(2));

    /** Of the present lease, which keeps its own when the configuration changes. */
    private Optional<Duration> leaseTtl = Optional.empty();

    /** The times that it works with. */
    record Timing(Duration ttl, Duration margin, Duration retryTimeout) {}

    /**
     * @param remember is told the lease on each change, so that a restarted agent can take it over; must not throw
     * @param wakeLoop enqueues a cycle; called when a lease was lost or granted
     * @param paceChanged ends the pause before the next {@link #renew}: after a longer time to live it was meant to last longer than
     *     the present lease lives; must not block
     * @param inherited the lease of the agent that ran before us, if any is known: it may still be alive
     */
    public LeaseKeeper(
            Dcs dcs,
            FenceKeeper fence,
            MonotonicClock clock,
            Optional<LeaseId> inherited,
            Consumer<Optional<LeaseId>> remember,
            Runnable wakeLoop,
            Runnable paceChanged) {
        this.dcs = dcs;
        this.fence = fence;
        this.clock = clock;
        this.remember = remember;
        this.wakeLoop = wakeLoop;
        this.paceChanged = paceChanged;
        // Not safe before its first renewal: how much of it is left is not known.
        inherited.ifPresent(id -> lease = Optional.of(new LeaseView(id, new MonotonicTime(0), clock.now())));
    }

    /** How often {@link #renew} is to be called. */
    public synchronized Duration interval() {
        var shorter = leaseTtl.filter(t -> t.compareTo(timing.ttl()) < 0).orElse(timing.ttl());
        var fifth = shorter.dividedBy(5);
        return fifth.compareTo(SHORTEST) < 0 ? SHORTEST : fifth;
    }

    public synchronized Optional<LeaseView> lease() {
        return lease;
    }

    void tune(Timing now) {
        synchronized (this) {
            timing = now;
        }
        paceChanged.run();
    }

    /** The loop turns; a loop that no longer does must not keep a leader key for ever. */
    synchronized void loopTicked(MonotonicTime at) {
        loopTickedAt = Optional.of(at);
    }

    /**
     * One renewal. Blocks at most for a bounded try. What fails here is seen by the loop: the lease simply stops being safe.
     */
    public void renew() {
        if (loopIsStuck()) {
            return;
        }
        var sentAt = clock.now();
        var current = lease();
        try {
            if (current.isEmpty()) {
                grant(sentAt);
                reached();
                return;
            }
            var left = dcs.keepAlive(current.get().id(), bound());
            reached();
            if (left.isEmpty()) {
                lost(current.get().id());
                // At once: a primary that came through an outage by failsafe mode needs a lease before its fence's
                // deadline.
                grant(clock.now());
                return;
            }
            renewed(current.get().id(), sentAt, left.get());
        } catch (DcsUnavailableException e) {
            missed(e);
        }
    }

    /** The first failure in a row is told, and the end of the row. */
    private synchronized void missed(DcsUnavailableException why) {
        if (missing) {
            LOG.debugf("lease not renewed: %s", why.getMessage());
        } else {
            missing = true;
            LOG.infof("lease not renewed: %s", why.getMessage());
        }
    }

    private synchronized void reached() {
        if (missing) {
            missing = false;
            LOG.info("the lease is renewed again");
        }
    }

    private void grant(MonotonicTime sentAt) throws DcsUnavailableException {
        // Looked up once: the configuration may change while the answer is on its way, and the lease keeps what was
        // asked for.
        var ttl = ttl();
        granted(dcs.grantLease(ttl), sentAt, ttl);
    }

    private synchronized Duration ttl() {
        return timing.ttl();
    }

    private synchronized Duration bound() {
        return timing.retryTimeout().compareTo(LONGEST_TRY) < 0 ? timing.retryTimeout() : LONGEST_TRY;
    }

    private synchronized boolean loopIsStuck() {
        var allowed = timing.ttl().multipliedBy(3).plus(Duration.ofSeconds(10));
        return loopTickedAt
                .filter(at -> clock.now().since(at).compareTo(allowed) > 0)
                .isPresent();
    }

    private void granted(LeaseId id, MonotonicTime sentAt, Duration ttl) {
        synchronized (this) {
            leaseTtl = Optional.of(ttl);
            lease = Optional.of(new LeaseView(id, sentAt, safeUntil(sentAt, ttl)));
        }
        remember.accept(Optional.of(id));
        wakeLoop.run();
    }

    /**
     * Until when nobody else can hold a key that hangs on a lease. The margin is that of the lease's own time to live: right after a change
     * to a much longer one the whole margin would be more than the present lease lasts, and the deadline would lie in the past.
     */
    private MonotonicTime safeUntil(MonotonicTime sentAt, Duration granted) {
        if (granted.compareTo(timing.ttl()) >= 0) {
            return sentAt.plus(timing.ttl()).minus(timing.margin());
        }
        var share = timing.margin()
                .multipliedBy(granted.toMillis())
                .dividedBy(timing.ttl().toMillis());
        return sentAt.plus(granted).minus(share);
    }

    private void lost(LeaseId id) {
        synchronized (this) {
            if (lease.filter(l -> l.id().equals(id)).isEmpty()) {
                return;
            }
            lease = Optional.empty();
            leaseTtl = Optional.empty();
        }
        LOG.warnf("lease %s is gone: it expired or was revoked", id);
        remember.accept(Optional.empty());
        wakeLoop.run();
    }

    private void renewed(LeaseId id, MonotonicTime sentAt, Duration granted) {
        boolean first;
        synchronized (this) {
            if (lease.filter(l -> l.id().equals(id)).isEmpty()) {
                return;
            }
            leaseTtl = leaseTtl.or(() -> Optional.of(granted));
            first = lease.get().renewedAt().nanos() == 0;
            lease = Optional.of(new LeaseView(id, sentAt, safeUntil(sentAt, granted)));
        }
        extendFence(id);
        if (first) {
            wakeLoop.run();
        }
    }

    private void extendFence(LeaseId renewed) {
        Optional<MonotonicTime> until;
        synchronized (this) {
            until = guarded.filter(renewed::equals)
                    .flatMap(id -> lease.filter(l -> l.id().equals(id)))
                    .map(LeaseView::safeUntil);
        }
        try {
            if (until.isPresent()) {
                fence.extend(until.get());
            }
        } catch (FenceException e) {
            LOG.debugf("fence not extended: %s", e.getMessage());
            wakeLoop.run();
        }
    }

    /**
     * From now on each renewal moves the fence's deadline; the deadline is set at once.
     *
     * @throws FenceException if the fence did not take it: then nothing may be promoted
     * @throws IllegalStateException if the licence is not for the present lease, or that is no longer safe
     */
    void guard(LeaderLease licence) throws FenceException {
        MonotonicTime until;
        synchronized (this) {
            until = lease.filter(l -> l.id().equals(licence.lease()))
                    .map(LeaseView::safeUntil)
                    .filter(clock.now()::isBefore)
                    .orElseThrow(() -> new IllegalStateException("no safe lease for " + licence));
            guarded = Optional.of(licence.lease());
        }
        fence.extend(until);
    }

    /**
     * Brings the deadline of a guarded primary forward to {@code until}; does nothing when it is not guarded. Never later than the present
     * lease allows: the leader key still hangs on that one.
     */
    void shortenGuard(MonotonicTime until) throws FenceException {
        Optional<MonotonicTime> allowed;
        synchronized (this) {
            allowed = lease.map(LeaseView::safeUntil);
        }
        if (isGuarding()) {
            fence.extend(allowed.filter(a -> a.isBefore(until)).orElse(until));
        }
    }

    /** Renewals no longer move the deadline. */
    synchronized void unguard() {
        guarded = Optional.empty();
    }

    synchronized boolean isGuarding() {
        return guarded.isPresent();
    }

    /**
     * Changes over to a lease with another time to live, hanging the leader key onto it first when we hold it. The old lease is left to
     * expire.
     */
    void switchTo(LeaseId id, MonotonicTime sentAt, Duration ttl) {
        synchronized (this) {
            if (guarded.isPresent()) {
                guarded = Optional.of(id);
            }
        }
        granted(id, sentAt, ttl);
        extendFence(id);
        paceChanged.run();
    }

    /**
     * Whether now is a time for another lease. While the fence counts on the present one that must be safe and carry the leader key: the
     * deadline of a primary that lost its key, or lives by its peers' word, is for the decision to move.
     */
    synchronized boolean mayBeChanged(boolean leading) {
        boolean safe = lease.filter(l -> clock.now().isBefore(l.safeUntil())).isPresent();
        return guarded.isEmpty() || (leading && safe);
    }

    /** Whether the present lease is known to have another time to live. */
    synchronized boolean hasOtherTtlThan(Duration wanted) {
        return lease.isPresent() && leaseTtl.filter(t -> !t.equals(wanted)).isPresent();
    }
}
