package io.matriarch.ha.api;

import io.matriarch.ha.health.HealthState;
import io.matriarch.ha.health.ManagerReport;
import io.matriarch.ha.loop.AgentHolder;
import io.matriarch.ha.loop.ClusterStore;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.KeySpace;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How managers agree with each other: keys of their own in etcd. Every method that asks etcd blocks, bounded, and throws {@link IOException}
 * when no quorum answered: a write may then have taken effect.
 */
@ApplicationScoped
public class Coordination {
    private final Supplier<Optional<KeySpace>> keys;
    private final Probes probes;

    /** Where the probes learn how this manager is. */
    private interface Probes {
        void say(boolean alone, Optional<String> elected, List<String> alarms);
    }

    /** For the container's proxy. */
    protected Coordination() {
        this(Optional::empty);
    }

    /** Of a machine that has no configuration. */
    public static Coordination none() {
        return new Coordination();
    }

    @Inject
    public Coordination(AgentHolder holder, HealthState health) {
        this.keys = () -> holder.store().map(ClusterStore::managers);
        this.probes = (alone, elected, alarms) ->
                health.publish(new ManagerReport(System.nanoTime(), alone, elected, alarms));
    }

    /** Over any store, and without probes; an empty one is not connected yet. */
    public Coordination(Supplier<Optional<KeySpace>> keys) {
        this.keys = keys;
        this.probes = (alone, elected, alarms) -> {};
    }

    /**
     * One key.
     *
     * @param created revision at which it was created: of a lock, the fencing token of its holder
     */
    public record Entry(String name, String value, long created) {}

    /** Licence of a write: it takes effect only while the key {@code lock} is the one that was created at revision {@code token}. */
    public record Licence(String lock, long token) {}

    /** All keys whose names begin with {@code prefix}, by name. */
    public List<Entry> list(String prefix) throws IOException {
        return asked(to -> to.list(prefix)).stream()
                .map(e -> new Entry(e.name(), e.value(), e.created().value()))
                .toList();
    }

    /** The key of that name; empty when etcd says that there is none. */
    public Optional<Entry> get(String name) throws IOException {
        return list(name).stream().filter(e -> e.name().equals(name)).findFirst();
    }

    public LeaseId grantLease(Duration ttl) throws IOException {
        return asked(to -> to.grantLease(ttl));
    }

    /** See {@link KeySpace#keepAlive}. */
    public Optional<Duration> keepAlive(LeaseId lease, Duration bound) throws IOException {
        return asked(to -> to.keepAlive(lease, bound));
    }

    /** See {@link KeySpace#take}. */
    public Outcome take(String name, String value, LeaseId lease) throws IOException {
        return asked(to -> to.take(name, value, lease));
    }

    /** See {@link KeySpace#show}. */
    public Outcome show(String name, String value, LeaseId lease) throws IOException {
        return asked(to -> to.show(name, value, lease));
    }

    /** See {@link KeySpace#create}. */
    public Outcome create(String name, String value, Licence licence) throws IOException {
        return asked(to -> to.create(name, value, of(licence)));
    }

    /** See {@link KeySpace#put}. */
    public Outcome put(String name, String value, Licence licence) throws IOException {
        return asked(to -> to.put(name, value, of(licence)));
    }

    /** See {@link KeySpace#delete}. */
    public Outcome delete(String name, Licence licence) throws IOException {
        return asked(to -> to.delete(name, of(licence)));
    }

    /**
     * What the probes say of this manager from now on. Does not block.
     *
     * @param alone whether the machine has no other role: then an alarm makes it not ready
     * @param elected name of the elected manager; empty when nobody is, or nobody knows
     * @param alarms promises that are not kept, one sentence each
     */
    public void publish(boolean alone, Optional<String> elected, List<String> alarms) {
        probes.say(alone, elected, alarms);
    }

    private static KeySpace.Licence of(Licence licence) {
        return new KeySpace.Licence(licence.lock(), new Revision(licence.token()));
    }

    private <T> T asked(Question<T> question) throws IOException {
        var connected = keys.get().orElseThrow(() -> new IOException("this machine is not connected to etcd yet"));
        try {
            return question.of(connected);
        } catch (DcsUnavailableException e) {
            throw new IOException("etcd: " + e.getMessage(), e);
        }
    }

    private interface Question<T> {
        T of(KeySpace keys) throws DcsUnavailableException;
    }
}
