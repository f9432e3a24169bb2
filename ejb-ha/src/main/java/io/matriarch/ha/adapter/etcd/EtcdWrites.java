package io.matriarch.ha.adapter.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.StatusRuntimeException;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Outcome.Superseded;
import io.matriarch.ha.port.DcsUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Writes, repeated until answered. The answer to a first try may be lost though the write took effect; the repetition then fails its own
 * compare, sees its own work and counts it as done.
 */
final class EtcdWrites {
    private final Keys keys;
    private final EtcdEndpoints endpoints;
    private final Mirror mirror;
    private volatile Duration budget;

    EtcdWrites(Keys keys, EtcdEndpoints endpoints, Mirror mirror, Duration budget) {
        this.keys = keys;
        this.endpoints = endpoints;
        this.mirror = mirror;
        this.budget = budget;
    }

    void tune(Duration retryTimeout) {
        budget = retryTimeout;
    }

    /** Puts the key unless it is known to hold exactly this. */
    Outcome put(String name, String value, long lease) throws DcsUnavailableException {
        if (mirror.holds(name, value, lease)) {
            return Outcome.DONE;
        }
        var outcome = written("writing " + name, name, () -> {
            endpoints.write(
                    "writing " + name,
                    budget,
                    (channel, deadline, again) -> EtcdCalls.kv(channel, deadline)
                            .put(EtcdCalls.putRequest(keys.absolute(name), value, lease)));
            return Outcome.DONE;
        });
        if (outcome.isDone()) {
            mirror.wrote(name, value, lease);
        }
        return outcome;
    }

    /** Compares that must all hold, what follows, and the key that tells who was faster. */
    record Guarded(
            String what, String name, List<Compare> guards, List<RequestOp> then, Predicate<Optional<RawKey>> done) {
        Guarded(String what, String name, Compare guard, List<RequestOp> then, Predicate<Optional<RawKey>> done) {
            this(what, name, List.of(guard), then, done);
        }
    }

    /** Runs the transaction. {@code Superseded} when the guard did not hold, or the lease that is written with is gone. */
    Outcome run(Guarded write) throws DcsUnavailableException {
        ByteString key = keys.absolute(write.name());
        TxnRequest request = TxnRequest.newBuilder()
                .addAllCompare(write.guards())
                .addAllSuccess(write.then())
                .addFailure(EtcdCalls.get(key))
                .build();
        return written(
                write.what(),
                write.name(),
                () -> endpoints.write(write.what(), budget, (channel, deadline, again) -> {
                    TxnResponse response = EtcdCalls.kv(channel, deadline).txn(request);
                    if (response.getSucceeded()) {
                        return Outcome.DONE;
                    }
                    Optional<RawKey> found = response.getResponses(0).getResponseRange().getKvsList().stream()
                            .findFirst()
                            .map(kv -> EtcdCalls.raw(keys, kv));
                    return again && write.done().test(found)
                            ? Outcome.DONE
                            : new Superseded(describe(write.name(), found));
                }));
    }

    private static String describe(String name, Optional<RawKey> found) {
        return found.map(key -> name.equals(Keys.LEADER)
                        ? "the leader key is held by " + key.value()
                        : "the key " + name + " was changed at revision " + key.modRevision())
                .orElse("the key " + name + " does not exist");
    }

    private interface Write {
        Outcome make() throws DcsUnavailableException;
    }

    private Outcome written(String what, String name, Write write) throws DcsUnavailableException {
        mirror.forget(name);
        try {
            return write.make();
        } catch (StatusRuntimeException e) {
            if (Statuses.leaseIsGone(e.getStatus())) {
                return new Superseded("the lease is gone");
            }
            throw new DcsUnavailableException(what + ": " + Statuses.describe(e.getStatus()), e);
        } finally {
            // What another thread read meanwhile may be from before the write.
            mirror.forget(name);
        }
    }
}
