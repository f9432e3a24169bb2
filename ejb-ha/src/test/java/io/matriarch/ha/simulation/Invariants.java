package io.matriarch.ha.simulation;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.SynchronousMode;
import java.util.Optional;

/** What must hold at every event. */
final class Invariants {
    private final SimWorld world;
    private int highestTimeline = 1;
    private boolean lossless;

    Invariants(SimWorld world) {
        this.world = world;
    }

    /** From now on no promotion may lose a single acknowledged row: only faults happen that must not cost any. */
    void lossless(boolean now) {
        lossless = now;
    }

    /** At most one member acknowledges commits at any instant. */
    void afterEvent() {
        SimHost first = null;
        for (var host : world.hosts()) {
            if (acknowledges(host)) {
                if (first != null) {
                    var a = first.hostName();
                    world.check(false, () -> a + " and " + host.hostName() + " both acknowledge commits");
                }
                first = host;
            }
        }
    }

    /** Whether a commit made on it now would be answered. */
    boolean acknowledges(SimHost host) {
        var postgres = host.postgres();
        if (!postgres.canWrite()) {
            return false;
        }
        var names = postgres.syncNames();
        if (names.isEmpty()) {
            return true;
        }
        long reached = postgres.receivers().stream()
                .filter(r -> names.lists(r.standby()))
                .filter(r -> world.network().delivers(host.hostName(), r.standby(), true))
                .filter(r -> !world.host(r.standby()).postgres().isWhollyFrozen())
                .count();
        return reached >= names.count();
    }

    /** A leader key that changes hands finds the old primary fenced. */
    void leaderChanged(Optional<MemberName> before, Optional<MemberName> now) {
        now.ifPresent(holder -> world.hosts().stream()
                .filter(h -> !h.name().equals(holder))
                .forEach(h -> world.check(
                        !acknowledges(h) || world.etcd().configuration().pause(),
                        () -> holder + " took the leader key while " + h.hostName() + " acknowledges commits")));
    }

    void promotionRequested(String host) {
        // Whether the licence still holds is judged when the promotion takes effect: the fence guards the time between.
        world.trace(host, "promotes");
    }

    void promoted(String host, Wal wal) {
        var leader = world.etcd().leaderName();
        world.check(
                leader.filter(l -> l.value().equals(host)).isPresent(),
                () -> host + " is promoted while the leader key says " + leader);
        int timeline = wal.last().timeline();
        world.check(
                timeline > highestTimeline,
                () -> host + " is promoted to timeline " + timeline + " after " + highestTimeline);
        highestTimeline = timeline;
        long optime = world.etcd().status().optime().map(Lsn::bytes).orElse(0L);
        var loss = world.ledger().promoted(host, wal, optime);
        if (loss.bytes() > 0) {
            world.trace(host, "took back " + loss.bytes() + " acknowledged bytes");
        }
        // Who switches the mode off while nobody leads says that an election may do without the promise.
        boolean sync = world.etcd().sync().isPresent()
                && world.etcd().configuration().synchronousMode() != SynchronousMode.OFF;
        world.check(
                !sync || loss.bytes() == 0, () -> host + " loses " + loss.bytes() + " acknowledged bytes in sync mode");
        world.check(
                !lossless || loss.bytes() == 0,
                () -> host + " loses " + loss.bytes() + " acknowledged bytes though nothing but PostgreSQL failed");
        long allowed = world.etcd().configuration().maximumLagOnFailoverBytes();
        world.check(
                loss.shortfall() <= allowed,
                () -> host + " is " + loss.shortfall() + " bytes behind the last published position");
    }

    /** WAL that the new leader does not have is saved before it is thrown away. */
    void rewinds(SimPostgres local, SimPostgres leader) {
        var wal = local.disk().wal;
        long common = wal.commonEnd(leader.disk().wal);
        if (wal.end() <= common) {
            return;
        }
        boolean saved = local.disk().salvaged.stream()
                .anyMatch(s -> s.branch() == wal.last().branch()
                        && s.from() <= Math.max(common, wal.last().start())
                        && s.end() >= wal.end());
        world.check(
                saved, () -> local.name() + " rewinds " + (wal.end() - common) + " bytes of WAL that were not saved");
    }
}
