package io.matriarch.backup.manager;

import io.matriarch.ha.api.Coordination;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Outcome.Superseded;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.KeySpace;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** etcd as the managers see it, with a clock that the test moves. */
public final class FakeEtcd implements KeySpace {
    private final TreeMap<String, Stored> keys = new TreeMap<>();
    private final Map<Long, Long> leases = new HashMap<>();
    private final LongSupplier nanoTime;
    private long revision = 1;
    private Optional<String> config = Optional.empty();
    private boolean down;
    private String loses = "";

    private record Stored(String value, long lease, long created, long modified) {}

    public FakeEtcd(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    public Coordination coordination() {
        return new Coordination(() -> Optional.of(this));
    }

    /** From now on nothing is answered, or it is again. */
    public void down(boolean isDown) {
        down = isDown;
    }

    /** The next operation of that name works, and its answer is lost. */
    public void losesTheAnswerTo(String operation) {
        loses = operation;
    }

    private Outcome answered(String operation, Outcome outcome) throws DcsUnavailableException {
        if (loses.equals(operation)) {
            loses = "";
            throw new DcsUnavailableException("no answer");
        }
        return outcome;
    }

    public void config(String json) {
        config = Optional.of(json);
    }

    public Optional<String> value(String name) {
        expire();
        return Optional.ofNullable(keys.get(name)).map(Stored::value);
    }

    public void remove(String name) {
        keys.remove(name);
    }

    private void answer() throws DcsUnavailableException {
        if (down) {
            throw new DcsUnavailableException("no answer");
        }
        expire();
    }

    private void expire() {
        long now = nanoTime.getAsLong();
        leases.values().removeIf(until -> until - now <= 0);
        keys.values().removeIf(k -> k.lease() != 0 && !leases.containsKey(k.lease()));
    }

    @Override
    public List<Entry> list(String prefix) throws DcsUnavailableException {
        answer();
        return keys.entrySet().stream()
                .filter(e -> e.getKey().startsWith(prefix))
                .map(e -> new Entry(
                        e.getKey(),
                        e.getValue().value(),
                        new Revision(e.getValue().created()),
                        new Revision(e.getValue().modified())))
                .toList();
    }

    @Override
    public LeaseId grantLease(Duration ttl) throws DcsUnavailableException {
        answer();
        long id = ++revision;
        leases.put(id, nanoTime.getAsLong() + ttl.toNanos());
        return new LeaseId(id);
    }

    @Override
    public Optional<Duration> keepAlive(LeaseId lease, Duration bound) throws DcsUnavailableException {
        answer();
        if (!leases.containsKey(lease.value())) {
            return Optional.empty();
        }
        leases.put(lease.value(), nanoTime.getAsLong() + Duration.ofSeconds(10).toNanos());
        return Optional.of(Duration.ofSeconds(10));
    }

    private Outcome write(String name, String value, long lease) {
        revision++;
        var before = Optional.ofNullable(keys.get(name));
        keys.put(name, new Stored(value, lease, before.map(Stored::created).orElse(revision), revision));
        return Outcome.DONE;
    }

    private boolean holds(Licence licence) {
        return Optional.ofNullable(keys.get(licence.lock()))
                .filter(k -> k.created() == licence.token().value())
                .isPresent();
    }

    @Override
    public Outcome take(String name, String value, LeaseId lease) throws DcsUnavailableException {
        answer();
        return answered(
                "take",
                keys.containsKey(name) || !leases.containsKey(lease.value())
                        ? new Superseded(name + " exists, or the lease is gone")
                        : write(name, value, lease.value()));
    }

    @Override
    public Outcome show(String name, String value, LeaseId lease) throws DcsUnavailableException {
        answer();
        return write(name, value, lease.value());
    }

    @Override
    public Outcome create(String name, String value, Licence licence) throws DcsUnavailableException {
        answer();
        return answered(
                "create",
                !holds(licence) || keys.containsKey(name)
                        ? new Superseded(name + " exists, or the licence has ended")
                        : write(name, value, 0));
    }

    @Override
    public Outcome put(String name, String value, Licence licence) throws DcsUnavailableException {
        answer();
        return holds(licence) ? write(name, value, 0) : new Superseded("the licence has ended");
    }

    @Override
    public Outcome delete(String name, Licence licence) throws DcsUnavailableException {
        answer();
        if (!holds(licence)) {
            return new Superseded("the licence has ended");
        }
        keys.remove(name);
        return Outcome.DONE;
    }

    @Override
    public Optional<String> config() throws DcsUnavailableException {
        answer();
        return config;
    }
}
