package io.matriarch.ha.port;

import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Revision;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The managers' part of the DCS, below {@code matriarch/manager/} of the scope: what agents decide upon is not in it, and they do not read
 * it. Names are relative to that folder. Every method blocks, at most for the retry time-out, and throws {@link DcsUnavailableException}
 * when no quorum answered: a write may then have taken effect. Thread safe.
 */
public interface KeySpace {

    /**
     * One key.
     *
     * @param created revision at which it was created: of a lock, the fencing token of its holder
     * @param modified revision that last changed it
     */
    record Entry(String name, String value, Revision created, Revision modified) {}

    /**
     * Licence of a write: it takes effect only while the lock is the one that its writer took.
     *
     * @param lock name of its key
     * @param token revision at which that was created
     */
    record Licence(String lock, Revision token) {}

    /** All keys whose names begin with {@code prefix}, by name, at one revision. */
    List<Entry> list(String prefix) throws DcsUnavailableException;

    /** Grants a lease. */
    LeaseId grantLease(Duration ttl) throws DcsUnavailableException;

    /**
     * Renews a lease once, within {@code bound}. The caller notes the time before the call.
     *
     * @return the time to live that was granted; empty when the lease is gone
     */
    Optional<Duration> keepAlive(LeaseId lease, Duration bound) throws DcsUnavailableException;

    /** Creates a key under a lease unless it exists: {@code Superseded} when it does, or the lease is gone. */
    Outcome take(String name, String value, LeaseId lease) throws DcsUnavailableException;

    /** Puts a key under a lease, whatever it was. */
    Outcome show(String name, String value, LeaseId lease) throws DcsUnavailableException;

    /** Creates a key that stays: {@code Superseded} when it exists or the licence has ended. */
    Outcome create(String name, String value, Licence licence) throws DcsUnavailableException;

    /** Writes a key that stays, whatever it was: {@code Superseded} when the licence has ended. */
    Outcome put(String name, String value, Licence licence) throws DcsUnavailableException;

    /** Deletes a key: {@code Superseded} when the licence has ended. Deleting the lock itself gives it free. */
    Outcome delete(String name, Licence licence) throws DcsUnavailableException;

    /** The dynamic configuration as it stands there; empty when there is none. */
    Optional<String> config() throws DcsUnavailableException;
}
