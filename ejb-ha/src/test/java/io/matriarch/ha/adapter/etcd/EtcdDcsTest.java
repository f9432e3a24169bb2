package io.matriarch.ha.adapter.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.port.Dcs;
import io.matriarch.ha.port.DcsContract;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.MonotonicClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** The contract against a real etcd, where one is installed. */
@EnabledIf("installed")
@Timeout(60)
class EtcdDcsTest extends DcsContract {
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

    private static final AtomicInteger SCOPES = new AtomicInteger();
    private static EtcdProcess etcd;

    private final Scope scope = new Scope("/service/", "test" + SCOPES.incrementAndGet());
    private final List<Dcs> clients = new ArrayList<>();

    static boolean installed() {
        return EtcdProcess.installed();
    }

    @BeforeAll
    static void start() throws Exception {
        etcd = EtcdProcess.start();
    }

    @AfterAll
    static void stop() throws Exception {
        etcd.close();
    }

    @AfterEach
    void closeClients() {
        clients.forEach(Dcs::close);
    }

    @Override
    protected Dcs client() {
        return client(List.of(etcd.endpoint()));
    }

    private Dcs client(List<URI> endpoints) {
        Dcs dcs = new EtcdDcs(EtcdSettings.plain(endpoints), scope, (json, foreign) -> ClusterConfig.DEFAULTS, CLOCK);
        clients.add(dcs);
        return dcs;
    }

    @Override
    protected void until(String what, Duration limit, Condition condition) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as(what + " within " + limit).isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Test
    void oneOfManyWinsEachRace() throws Exception {
        Dcs dcs = client();
        LeaseId lease = dcs.grantLease(LONG);
        try (var pool = Executors.newFixedThreadPool(8)) {
            for (int round = 0; round < 20; round++) {
                List<Callable<Outcome>> racers = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    var name = new MemberName("racer" + i);
                    racers.add(() -> dcs.acquireLeader(name, lease, Optional.empty()));
                }
                int winners = 0;
                for (Future<Outcome> ended : pool.invokeAll(racers)) {
                    winners += ended.get().isDone() ? 1 : 0;
                }
                assertThat(winners).isEqualTo(1);
                assertThat(dcs.releaseLeader(dcs.read().leader().orElseThrow(), Optional.empty(), Optional.empty()))
                        .isEqualTo(Outcome.DONE);
            }
        }
    }

    @Test
    void keysAreThoseOfPatroni() throws Exception {
        Dcs dcs = client();
        LeaseId lease = dcs.grantLease(LONG);
        dcs.acquireLeader(PG1, lease, Optional.empty());
        dcs.putMember(PG1, report(1), lease);

        assertThat(etcd.ctl("get", "--prefix", "--print-value-only=false", "/service/" + scope.name() + "/"))
                .contains("/service/" + scope.name() + "/leader\npg1\n")
                .contains("/service/" + scope.name() + "/members/pg1\n{\"conn_url\":");
    }

    @Test
    void foreignWritersAreSeenAndGarbageIsSurvived() throws Exception {
        Dcs dcs = client();
        etcd.ctl("put", "/service/" + scope.name() + "/members/bad", "garbage");
        etcd.ctl("put", "/service/" + scope.name() + "/leader", "stranger");
        etcd.ctl("put", "/service/" + scope.name() + "x/leader", "other scope");

        assertThat(dcs.read().members()).isEmpty();
        assertThat(dcs.read().leader().orElseThrow().lease()).isEmpty();
        assertThat(dcs.acquireLeader(PG1, dcs.grantLease(LONG), Optional.empty()))
                .isEqualTo(new Outcome.Superseded("the leader key is held by stranger"));
    }

    @Test
    void aForeignChangeOfOurMemberKeyIsWrittenOverAfterTheNextRead() throws Exception {
        Dcs dcs = client();
        LeaseId lease = dcs.grantLease(LONG);
        dcs.putMember(PG1, report(1), lease);
        etcd.ctl("put", "/service/" + scope.name() + "/members/pg1", "{}");

        dcs.read();
        dcs.putMember(PG1, report(1), lease);
        assertThat(dcs.read().member(PG1).orElseThrow().report()).isEqualTo(report(1));
    }

    @Test
    void theWatchKeepsStillForPositions() throws Exception {
        Dcs dcs = client();
        Dcs other = client();
        var calls = new AtomicInteger();
        LeaseId lease = other.grantLease(LONG);
        dcs.watch(calls::incrementAndGet);
        until("the watch is open", Duration.ofSeconds(15), () -> calls.get() > 0);
        other.putMember(PG1, report(1), lease);
        until("the member is seen", Duration.ofSeconds(5), () -> calls.get() > 1);

        for (int i = 2; i < 10; i++) {
            other.putMember(PG1, report(i), lease);
            other.putStatus(new ClusterStatus(Optional.of(new Lsn(i)), Map.of(), List.of()));
        }
        other.writeConfig("{}", Optional.empty());
        until("the end is seen", Duration.ofSeconds(5), () -> calls.get() > 2);
        assertThat(calls).hasValue(3);
    }

    @Test
    void theWatchSurvivesAListenerThatThrows() throws Exception {
        Dcs dcs = client();
        var calls = new AtomicInteger();
        dcs.watch(() -> {
            calls.incrementAndGet();
            throw new IllegalStateException("on purpose");
        });
        until("the watch is open", Duration.ofSeconds(15), () -> calls.get() > 0);

        dcs.writeConfig("{}", Optional.empty());
        until("the change is seen", Duration.ofSeconds(5), () -> calls.get() > 1);
    }

    @Test
    void aSilentWatchIsNotConfusedByQuiet() throws Exception {
        Dcs dcs = client();
        var calls = new AtomicInteger();
        dcs.watch(calls::incrementAndGet);
        until("the watch is open", Duration.ofSeconds(15), () -> calls.get() > 0);

        // Longer than two heartbeats: a stream that had been opened anew would have called.
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        until("five quiet seconds pass", Duration.ofSeconds(10), () -> System.nanoTime() > end);
        assertThat(calls).hasValue(1);
    }

    @Test
    void withoutEtcdCallsEndWithinTheirBudgetAndSayWhy() {
        Dcs dcs = client(List.of(URI.create("http://127.0.0.1:1")));
        dcs.tune(Duration.ofSeconds(1));
        long start = System.nanoTime();

        assertThatThrownBy(() -> dcs.keepAlive(new LeaseId(1), Duration.ofMillis(700)))
                .isInstanceOf(DcsUnavailableException.class)
                .hasMessageContaining("http://127.0.0.1:1");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void anEndpointThatRefusesCostsNothing() throws Exception {
        Dcs dcs = client(List.of(URI.create("http://127.0.0.1:1"), etcd.endpoint()));

        assertThat(dcs.read().members()).isEmpty();
        assertThat(dcs.keepAlive(dcs.grantLease(LONG), Duration.ofSeconds(1))).isPresent();
    }

    @Test
    void closeEndsTheThreadAndLaterCallsSaySo() throws Exception {
        Dcs dcs = client();
        dcs.watch(() -> {});
        dcs.read();
        long threads = etcdThreads();
        long start = System.nanoTime();

        dcs.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        until("its thread ends", Duration.ofSeconds(10), () -> etcdThreads() < threads);
        assertThatThrownBy(dcs::read)
                .isInstanceOf(DcsUnavailableException.class)
                .hasMessageContaining("closed");
    }

    private static long etcdThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().equals("etcd"))
                .count();
    }
}
