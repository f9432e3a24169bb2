package io.matriarch.ha.adapter.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.RequestOp;
import io.matriarch.ha.adapter.etcd.EtcdWrites.Guarded;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.port.Dcs.Versioned;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.KeySpace;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** {@link KeySpace} over the connection of an {@link EtcdDcs}. */
final class EtcdKeySpace implements KeySpace {
    private static final long NO_LEASE = 0;

    private final EtcdDcs dcs;
    private final Keys keys;
    private final EtcdWrites writes;

    EtcdKeySpace(EtcdDcs dcs, Keys keys, EtcdWrites writes) {
        this.dcs = dcs;
        this.keys = keys;
        this.writes = writes;
    }

    @Override
    public List<Entry> list(String prefix) throws DcsUnavailableException {
        String from = Keys.MANAGER + prefix;
        return dcs.range("reading " + from, keys.absolute(from), keys.after(from)).stream()
                .map(kv -> EtcdCalls.raw(keys, kv))
                .map(key -> new Entry(
                        key.name().substring(Keys.MANAGER.length()),
                        key.value(),
                        new Revision(key.createRevision()),
                        new Revision(key.modRevision())))
                .toList();
    }

    @Override
    public LeaseId grantLease(Duration ttl) throws DcsUnavailableException {
        return dcs.grantLease(ttl);
    }

    @Override
    public Optional<Duration> keepAlive(LeaseId lease, Duration bound) throws DcsUnavailableException {
        return dcs.keepAlive(lease, bound);
    }

    @Override
    public Outcome take(String name, String value, LeaseId lease) throws DcsUnavailableException {
        return run(
                name,
                List.of(EtcdCalls.isAbsent(key(name))),
                EtcdCalls.put(key(name), value, lease.value()),
                found -> found.filter(k -> k.value().equals(value) && k.lease() == lease.value())
                        .isPresent());
    }

    @Override
    public Outcome show(String name, String value, LeaseId lease) throws DcsUnavailableException {
        return writes.put(Keys.MANAGER + name, value, lease.value());
    }

    @Override
    public Outcome create(String name, String value, Licence licence) throws DcsUnavailableException {
        return run(
                name,
                List.of(holds(licence), EtcdCalls.isAbsent(key(name))),
                EtcdCalls.put(key(name), value, NO_LEASE),
                found -> found.filter(k -> k.value().equals(value)).isPresent());
    }

    @Override
    public Outcome put(String name, String value, Licence licence) throws DcsUnavailableException {
        return run(
                name,
                List.of(holds(licence)),
                EtcdCalls.put(key(name), value, NO_LEASE),
                found -> found.filter(k -> k.value().equals(value)).isPresent());
    }

    @Override
    public Outcome delete(String name, Licence licence) throws DcsUnavailableException {
        return run(name, List.of(holds(licence)), EtcdCalls.delete(key(name)), Optional::isEmpty);
    }

    @Override
    public Optional<String> config() throws DcsUnavailableException {
        return dcs.readConfig().map(Versioned::value);
    }

    private Outcome run(String name, List<Compare> guards, RequestOp then, Predicate<Optional<RawKey>> done)
            throws DcsUnavailableException {
        return writes.run(
                new Guarded("writing " + Keys.MANAGER + name, Keys.MANAGER + name, guards, List.of(then), done));
    }

    private Compare holds(Licence licence) {
        return EtcdCalls.isCreatedAt(key(licence.lock()), licence.token().value());
    }

    private ByteString key(String name) {
        return keys.absolute(Keys.MANAGER + name);
    }
}
