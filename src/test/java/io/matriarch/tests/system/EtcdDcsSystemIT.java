package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.adapter.etcd.EtcdDcs;
import io.matriarch.ha.adapter.etcd.EtcdSettings;
import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.port.Dcs;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.MonotonicClock;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Etcd;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Host;
import io.matriarch.tests.support.Workplace;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The adapter alone against three real etcd members that are killed, frozen, stopped and compacted. */
@Timeout(240)
class EtcdDcsSystemIT {
    private static final MonotonicClock CLOCK = new MonotonicClock() {
        @Override
        public MonotonicTime now() {
            return new MonotonicTime(System.nanoTime());
        }

        @Override
        public Instant wallClock() {
            return Instant.now();
        }
    };

    private static final MemberName SELF = new MemberName("pg1");
    private static final Duration TTL = Duration.ofSeconds(5);
    /** Between two successful renewals; half a second of it is for a busy machine. */
    private static final Duration LONGEST_GAP = Duration.ofMillis(2_500);

    private static final Duration AFTER_RETURN = Duration.ofSeconds(2);

    private final Path directory = Workplace.newDirectory();
    private final List<EtcdDcs> clients = new ArrayList<>();
    private Etcd etcd;

    @BeforeEach
    void startEtcd() {
        etcd = Etcd.start(directory.resolve("etcd"), List.of(Host.LOOPBACK, Host.LOOPBACK, Host.LOOPBACK));
    }

    @AfterEach
    void stopEtcd() {
        clients.forEach(Dcs::close);
        etcd.close();
        Workplace.remove(directory);
    }

    @Test
    void frozenMemberInUseCostsNeitherLeaseNorWatch() throws Exception {
        // The client begins with the first endpoint, so that is the one it uses.
        leaseSurvives(() -> etcd.nodes().get(0).freeze());
    }

    @Test
    void killedMemberInUseCostsNeitherLeaseNorWatch() throws Exception {
        leaseSurvives(() -> etcd.nodes().get(0).kill());
    }

    @Test
    void killedEtcdLeaderCostsNeitherLeaseNorWatch() throws Exception {
        leaseSurvives(() -> etcd.leader().kill());
    }

    private void leaseSurvives(Runnable blow) throws Exception {
        EtcdDcs dcs = client(etcd.endpoints());
        LeaseId lease = dcs.grantLease(TTL);
        assertThat(dcs.acquireLeader(SELF, lease, Optional.empty())).isEqualTo(Outcome.DONE);
        var changes = new AtomicInteger();
        dcs.watch(changes::incrementAndGet);
        Eventually.holds("the watch is open", Duration.ofSeconds(10), () -> changes.get() > 0);
        long leaderSince = dcs.read().leader().orElseThrow().createRevision().value();

        try (var keeper = new Keeper(dcs, lease)) {
            keeper.awaitRenewals(2);
            blow.run();
            keeper.awaitRenewals(8);
            assertThat(keeper.longestGap()).isLessThan(LONGEST_GAP);
            assertThat(keeper.lost()).isFalse();
            assertThat(dcs.read().leader().orElseThrow().createRevision().value())
                    .isEqualTo(leaderSince);
            int before = changes.get();
            assertThat(dcs.writeConfig("{\"ttl\":5}", Optional.empty())).isEqualTo(Outcome.DONE);
            Eventually.holds("the watch goes on", Duration.ofSeconds(3), () -> changes.get() > before);
        }
    }

    @Test
    void afterALongOutageCallsAndWatchComeBackAtOnce() throws Exception {
        EtcdDcs dcs = client(etcd.endpoints());
        var changes = new AtomicInteger();
        dcs.watch(changes::incrementAndGet);
        dcs.read();
        Eventually.holds("the watch is open", Duration.ofSeconds(10), () -> changes.get() > 0);

        etcd.stopAll();
        long end = System.nanoTime() + Duration.ofSeconds(25).toNanos();
        int failures = 0;
        while (System.nanoTime() < end) {
            failures += reads(dcs) ? 0 : 1;
        }
        assertThat(failures).isGreaterThan(5);
        etcd.startAll();
        long back = System.nanoTime();
        int before = changes.get();
        Eventually.holds("reads work", AFTER_RETURN, () -> reads(dcs));
        Eventually.holds("the watch is open again", AFTER_RETURN, () -> changes.get() > before || changes.get() > 1);
        assertThat(Duration.ofNanos(System.nanoTime() - back)).isLessThan(AFTER_RETURN.plusSeconds(1));
        awaitWatch(dcs, changes);
    }

    @Test
    void afterALongFreezeOfAllCallsAndWatchComeBackAtOnce() throws Exception {
        EtcdDcs dcs = client(etcd.endpoints());
        var changes = new AtomicInteger();
        dcs.watch(changes::incrementAndGet);
        dcs.read();

        etcd.nodes().forEach(Etcd.Node::freeze);
        long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (System.nanoTime() < end) {
            assertThat(reads(dcs)).isFalse();
        }
        etcd.startAll();
        Eventually.holds("reads work", AFTER_RETURN, () -> reads(dcs));
        awaitWatch(dcs, changes);
    }

    @Test
    void compactionDoesNotDisturbTheWatch() throws Exception {
        EtcdDcs dcs = client(etcd.endpoints());
        var changes = new AtomicInteger();
        dcs.watch(changes::incrementAndGet);
        Eventually.holds("the watch is open", Duration.ofSeconds(10), () -> changes.get() > 0);
        for (int i = 0; i < 20; i++) {
            dcs.writeConfig("{\"ttl\":" + (20 + i) + "}", Optional.empty());
        }

        // The stream breaks, and what it has seen last is compacted before it is back.
        etcd.nodes().get(0).kill();
        long revision = dcs.read().revision().value();
        Command.run(
                "env",
                "ETCDCTL_API=3",
                "etcdctl",
                "--endpoints=" + etcd.endpoints().get(1),
                "compact",
                Long.toString(revision));
        awaitWatch(dcs, changes);
    }

    @Test
    void idleClientHardlyCosts() throws Exception {
        EtcdDcs dcs = client(etcd.endpoints());
        LeaseId lease = dcs.grantLease(TTL);
        dcs.watch(() -> {});
        try (var keeper = new Keeper(dcs, lease)) {
            keeper.awaitRenewals(5);
            long before = cpuNanos();
            keeper.awaitRenewals(10);
            long perMinute = (cpuNanos() - before) / 1_000_000 * 6;
            System.getLogger(EtcdDcsSystemIT.class.getName())
                    .log(System.Logger.Level.INFO, "idle adapter: " + perMinute + " ms of processor time a minute");
            assertThat(perMinute).isLessThan(3_000);
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(t -> t.getName().equals("etcd"))
                            .count())
                    .isEqualTo(1);
        }
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /** Changes something until the watch tells of it. */
    private static void awaitWatch(Dcs dcs, AtomicInteger changes) {
        Eventually.holds("the watch is open", Duration.ofSeconds(5), () -> {
            int before = changes.get();
            dcs.writeConfig("{\"ttl\":" + (5 + before) + "}", Optional.empty());
            Eventually.holds("a change is seen", Duration.ofSeconds(2), () -> changes.get() > before);
            return true;
        });
    }

    private static boolean reads(Dcs dcs) {
        try {
            dcs.read();
            return true;
        } catch (DcsUnavailableException e) {
            return false;
        }
    }

    private EtcdDcs client(List<String> endpoints) {
        List<URI> uris = endpoints.stream().map(e -> URI.create("http://" + e)).toList();
        var dcs = new EtcdDcs(
                EtcdSettings.plain(uris), new Scope("service", "it"), (json, foreign) -> ClusterConfig.DEFAULTS, CLOCK);
        dcs.tune(Duration.ofSeconds(2));
        clients.add(dcs);
        return dcs;
    }

    /** Renews a lease each second, as the agent's keep-alive thread does, and reads as its loop does. */
    private static final class Keeper implements AutoCloseable {
        private static final Duration EVERY = Duration.ofSeconds(1);
        private final Dcs dcs;
        private final LeaseId lease;
        private final Thread thread = new Thread(this::run, "keeper");
        private final List<Long> sentAt = new ArrayList<>();
        private boolean lost;
        private boolean ended;

        Keeper(Dcs dcs, LeaseId lease) {
            this.dcs = dcs;
            this.lease = lease;
            thread.start();
        }

        private void run() {
            while (true) {
                long sent = System.nanoTime();
                try {
                    boolean renewed =
                            dcs.keepAlive(lease, Duration.ofMillis(1_500)).isPresent();
                    synchronized (this) {
                        if (renewed) {
                            sentAt.add(sent);
                        } else {
                            lost = true;
                        }
                        notifyAll();
                    }
                    dcs.read();
                } catch (DcsUnavailableException e) {
                    // The next round tries again; what matters is the gap.
                }
                synchronized (this) {
                    long left = sent + EVERY.toNanos() - System.nanoTime();
                    while (!ended && left > 0) {
                        try {
                            wait(left / 1_000_000 + 1);
                        } catch (InterruptedException e) {
                            return;
                        }
                        left = sent + EVERY.toNanos() - System.nanoTime();
                    }
                    if (ended) {
                        return;
                    }
                }
            }
        }

        synchronized void awaitRenewals(int more) throws InterruptedException {
            int goal = sentAt.size() + more;
            long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (sentAt.size() < goal && !lost) {
                assertThat(System.nanoTime()).as("renewals: " + sentAt.size()).isLessThan(end);
                wait(1_000);
            }
        }

        synchronized boolean lost() {
            return lost;
        }

        synchronized Duration longestGap() {
            long longest = 0;
            for (int i = 1; i < sentAt.size(); i++) {
                longest = Math.max(longest, sentAt.get(i) - sentAt.get(i - 1));
            }
            return Duration.ofNanos(longest);
        }

        @Override
        public void close() throws InterruptedException {
            synchronized (this) {
                ended = true;
                notifyAll();
            }
            thread.join();
        }
    }
}
