package io.matriarch.ha.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberReport;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SyncState;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineClaim;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every {@link Dcs} must do, real or simulated. Each test has a scope of its own. */
public abstract class DcsContract {
    protected static final MemberName PG1 = new MemberName("pg1");
    protected static final MemberName PG2 = new MemberName("pg2");
    protected static final Duration LONG = Duration.ofSeconds(60);
    protected static final Duration SHORT = Duration.ofSeconds(2);
    private static final Duration BOUND = Duration.ofSeconds(2);
    private static final LeaseId NOBODYS = new LeaseId(4711);
    private static final SystemIdentifier IDENTIFIER = new SystemIdentifier("7711223344556677889");

    /** A client to the scope of the running test; closed by the subclass. */
    protected abstract Dcs client();

    /** Lets time pass until the condition holds; fails at the limit. */
    protected abstract void until(String what, Duration limit, Condition condition) throws Exception;

    /** Something that can be looked at. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    @Test
    void anEmptyScopeIsAnEmptyView() throws Exception {
        ClusterView view = client().read();

        assertThat(view.leader()).isEmpty();
        assertThat(view.members()).isEmpty();
        assertThat(view.initialize()).isEmpty();
        assertThat(view.configPresent()).isFalse();
        assertThat(view.historyPresent()).isFalse();
        assertThat(view.status()).isEqualTo(ClusterStatus.UNKNOWN);
    }

    @Test
    void oneOfTwoAcquiresTheLeaderKey() throws Exception {
        Dcs dcs = client();
        LeaseId first = dcs.grantLease(LONG);
        LeaseId second = dcs.grantLease(LONG);

        assertThat(dcs.acquireLeader(PG1, first, Optional.empty())).isEqualTo(Outcome.DONE);
        assertThat(dcs.acquireLeader(PG2, second, Optional.empty())).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.acquireLeader(PG1, first, Optional.empty())).isInstanceOf(Outcome.Superseded.class);
        LeaderKey key = dcs.read().leader().orElseThrow();
        assertThat(key.holder()).isEqualTo(PG1);
        assertThat(key.lease()).contains(first);
        assertThat(key.createRevision()).isEqualTo(key.modRevision());
    }

    @Test
    void nothingIsWrittenUnderALeaseThatIsGone() throws Exception {
        Dcs dcs = client();

        assertThat(dcs.acquireLeader(PG1, NOBODYS, Optional.empty())).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.putMember(PG1, report(1), NOBODYS)).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.claimInitialize(NOBODYS)).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.read().members()).isEmpty();
        assertThat(dcs.read().leader()).isEmpty();
    }

    @Test
    void keepAliveTellsALivingLeaseFromOneThatIsGone() throws Exception {
        Dcs dcs = client();
        LeaseId lease = dcs.grantLease(LONG);

        assertThat(dcs.keepAlive(lease, BOUND)).contains(LONG);
        assertThat(dcs.keepAlive(NOBODYS, BOUND)).isEmpty();
    }

    @Test
    void anExpiredLeaseTakesItsKeysAlong() throws Exception {
        Dcs dcs = client();
        LeaseId lease = dcs.grantLease(SHORT);
        dcs.acquireLeader(PG1, lease, Optional.empty());
        dcs.putMember(PG1, report(1), lease);

        until("leader and member keys vanish", Duration.ofSeconds(15), () -> {
            ClusterView view = dcs.read();
            return view.leader().isEmpty() && view.members().isEmpty();
        });
        assertThat(dcs.keepAlive(lease, BOUND)).isEmpty();
        assertThat(dcs.reattachLeader(PG1, dcs.grantLease(LONG))).isInstanceOf(Outcome.Superseded.class);
    }

    @Test
    void onlyTheHolderMovesTheLeaderKeyToAnotherLease() throws Exception {
        Dcs dcs = client();
        dcs.acquireLeader(PG1, dcs.grantLease(LONG), Optional.empty());
        LeaseId other = dcs.grantLease(LONG);

        assertThat(dcs.reattachLeader(PG2, other)).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.reattachLeader(PG1, other)).isEqualTo(Outcome.DONE);
        LeaderKey key = dcs.read().leader().orElseThrow();
        assertThat(key.lease()).contains(other);
        assertThat(key.modRevision().value()).isGreaterThan(key.createRevision().value());
    }

    @Test
    void releaseWritesStatusAndSuccessorOrNothing() throws Exception {
        Dcs dcs = client();
        var status = new ClusterStatus(Optional.of(new Lsn(67108960)), Map.of(), List.of());
        dcs.acquireLeader(PG1, dcs.grantLease(LONG), Optional.empty());

        LeaderKey older = dcs.read().leader().orElseThrow();
        dcs.reattachLeader(PG1, dcs.grantLease(LONG));
        assertThat(dcs.releaseLeader(older, Optional.of(status), Optional.of(PG2)))
                .isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.read().leaderName()).contains(PG1);
        assertThat(dcs.read().status()).isEqualTo(ClusterStatus.UNKNOWN);
        assertThat(dcs.read().failover()).isEmpty();

        assertThat(dcs.releaseLeader(dcs.read().leader().orElseThrow(), Optional.of(status), Optional.of(PG2)))
                .isEqualTo(Outcome.DONE);
        ClusterView view = dcs.read();
        assertThat(view.leader()).isEmpty();
        assertThat(view.status()).isEqualTo(status);
        assertThat(view.failover().orElseThrow().candidate()).contains(PG2);
        assertThat(view.failover().orElseThrow().namesSuccessor()).isTrue();
    }

    @Test
    void aMemberIsReadAsItWasWritten() throws Exception {
        Dcs dcs = client();
        LeaseId lease = dcs.grantLease(LONG);

        assertThat(dcs.putMember(PG1, report(1), lease)).isEqualTo(Outcome.DONE);
        assertThat(dcs.read().member(PG1).orElseThrow().report()).isEqualTo(report(1));
        assertThat(dcs.read().member(PG1).orElseThrow().lease()).contains(lease);
        Revision before = dcs.read().member(PG1).orElseThrow().modRevision();
        dcs.putMember(PG1, report(1), lease);
        assertThat(dcs.read().member(PG1).orElseThrow().modRevision()).isEqualTo(before);
        dcs.putMember(PG1, report(2), lease);
        assertThat(dcs.read().member(PG1).orElseThrow().report()).isEqualTo(report(2));
    }

    @Test
    void oneClaimsInitializeAndTheIdentifierStays() throws Exception {
        Dcs dcs = client();
        LeaseId lease = dcs.grantLease(LONG);

        assertThat(dcs.claimInitialize(lease)).isEqualTo(Outcome.DONE);
        assertThat(dcs.claimInitialize(dcs.grantLease(LONG))).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.read().initialize().orElseThrow().systemIdentifier()).isEmpty();
        assertThat(dcs.read().initialize().orElseThrow().lease()).contains(lease);
        var claim = dcs.read().initialize().orElseThrow().modRevision();
        assertThat(dcs.dropInitializeClaim(new Revision(claim.value() - 1))).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.dropInitializeClaim(claim)).isEqualTo(Outcome.DONE);
        assertThat(dcs.read().initialize()).isEmpty();

        dcs.claimInitialize(lease);
        assertThat(dcs.putInitialize(IDENTIFIER)).isEqualTo(Outcome.DONE);
        assertThat(dcs.dropInitializeClaim(claim)).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.read().initialize().orElseThrow().systemIdentifier()).contains(IDENTIFIER);
        assertThat(dcs.read().initialize().orElseThrow().lease()).isEmpty();
    }

    @Test
    void configIsWrittenOnlyIfUnchangedSince() throws Exception {
        Dcs dcs = client();

        assertThat(dcs.readConfig()).isEmpty();
        assertThat(dcs.writeConfig("{\"ttl\":20}", Optional.of(new Revision(0))))
                .isEqualTo(Outcome.DONE);
        Revision first = dcs.readConfig().orElseThrow().modRevision();
        assertThat(dcs.writeConfig("{}", Optional.of(new Revision(0)))).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.writeConfig("{\"ttl\":21}", Optional.of(first))).isEqualTo(Outcome.DONE);
        assertThat(dcs.writeConfig("{\"ttl\":22}", Optional.of(first))).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.writeConfig("{\"ttl\":23}", Optional.empty())).isEqualTo(Outcome.DONE);
        assertThat(dcs.readConfig().orElseThrow().value()).isEqualTo("{\"ttl\":23}");
        assertThat(dcs.read().configText()).contains("{\"ttl\":23}");
    }

    @Test
    void aFailoverRequestIsReadAsWrittenAndCleared() throws Exception {
        Dcs dcs = client();
        var asked = new FailoverRequest(
                Optional.of(PG1),
                Optional.of(PG2),
                Optional.of(Instant.parse("2030-01-01T00:00:00Z")),
                false,
                new Revision(0));

        assertThat(dcs.writeFailover(Optional.of(asked), Optional.empty())).isEqualTo(Outcome.DONE);
        FailoverRequest read = dcs.read().failover().orElseThrow();
        assertThat(read)
                .isEqualTo(new FailoverRequest(
                        asked.leader(), asked.candidate(), asked.scheduledAt(), false, read.modRevision()));
        assertThat(dcs.writeFailover(
                        Optional.empty(),
                        Optional.of(new Revision(read.modRevision().value() - 1))))
                .isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.writeFailover(Optional.empty(), Optional.of(read.modRevision())))
                .isEqualTo(Outcome.DONE);
        assertThat(dcs.read().failover()).isEmpty();
    }

    @Test
    void syncIsWrittenAndDeletedOnlyIfUnchangedSince() throws Exception {
        Dcs dcs = client();
        var state = new SyncState(Optional.of(PG1), Set.of(PG2), 1, new Revision(0));

        assertThat(dcs.writeSync(Optional.of(state), Optional.of(new Revision(0))))
                .isEqualTo(Outcome.DONE);
        SyncState read = dcs.read().sync().orElseThrow();
        assertThat(read).isEqualTo(new SyncState(state.leader(), state.standbys(), 1, read.modRevision()));
        assertThat(dcs.writeSync(Optional.of(state), Optional.of(new Revision(0))))
                .isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.writeSync(Optional.empty(), Optional.of(new Revision(1))))
                .isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.writeSync(Optional.empty(), Optional.of(read.modRevision())))
                .isEqualTo(Outcome.DONE);
        assertThat(dcs.read().sync()).isEmpty();
    }

    @Test
    void takingTheLeaderKeySettlesWhoWasNamed() throws Exception {
        Dcs dcs = client();
        LeaseId lease = dcs.grantLease(LONG);
        var named = FailoverRequest.toSuccessor(PG2);
        dcs.writeFailover(Optional.of(named), Optional.empty());
        Revision seen = dcs.read().failover().orElseThrow().modRevision();
        dcs.writeFailover(Optional.of(named), Optional.empty());

        assertThat(dcs.acquireLeader(PG1, lease, Optional.of(seen))).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.read().leader()).isEmpty();
        Revision now = dcs.read().failover().orElseThrow().modRevision();
        assertThat(dcs.acquireLeader(PG1, lease, Optional.of(now))).isEqualTo(Outcome.DONE);
        assertThat(dcs.read().failover()).isEmpty();
        assertThat(dcs.read().leaderName()).contains(PG1);
    }

    @Test
    void aTimelineIsClaimedOnce() throws Exception {
        Dcs dcs = client();

        assertThat(dcs.read().timelineClaim()).isEmpty();
        assertThat(dcs.claimTimeline(new Timeline(2), PG1, new Revision(0))).isEqualTo(Outcome.DONE);
        assertThat(dcs.claimTimeline(new Timeline(2), PG2, new Revision(0))).isInstanceOf(Outcome.Superseded.class);
        var claim = dcs.read().timelineClaim().orElseThrow();
        assertThat(claim).isEqualTo(new TimelineClaim(new Timeline(2), PG1, claim.modRevision()));
        assertThat(dcs.claimTimeline(new Timeline(3), PG2, claim.modRevision())).isEqualTo(Outcome.DONE);
        assertThat(dcs.claimTimeline(new Timeline(4), PG1, claim.modRevision())).isInstanceOf(Outcome.Superseded.class);
    }

    @Test
    void unfencedIsWrittenAndDeletedOnlyIfUnchangedSince() throws Exception {
        Dcs dcs = client();

        assertThat(dcs.writeUnfenced(Optional.of(PG1), new Revision(0))).isEqualTo(Outcome.DONE);
        var seen = dcs.read().unfenced().orElseThrow();
        assertThat(seen.name()).isEqualTo(PG1);
        assertThat(dcs.writeUnfenced(Optional.empty(), new Revision(0))).isInstanceOf(Outcome.Superseded.class);
        assertThat(dcs.writeUnfenced(Optional.empty(), seen.modRevision())).isEqualTo(Outcome.DONE);
        assertThat(dcs.read().unfenced()).isEmpty();
    }

    @Test
    void whatTheLeaderKeepsIsReadAsWritten() throws Exception {
        Dcs dcs = client();
        var status = new ClusterStatus(Optional.of(new Lsn(99)), Map.of("pg2", new Lsn(98)), List.of("pg3"));
        var row = new HistoryEntry(
                new Timeline(1),
                new Lsn(77),
                "no recovery target specified",
                Optional.of("2026-01-02T03:04:05+00:00"),
                Optional.of(PG1));
        Map<MemberName, String> failsafe = Map.of(PG1, "http://h1/patroni", PG2, "http://h2/patroni");

        assertThat(dcs.putStatus(status)).isEqualTo(Outcome.DONE);
        assertThat(dcs.putHistory(List.of(row))).isEqualTo(Outcome.DONE);
        assertThat(dcs.putFailsafe(failsafe)).isEqualTo(Outcome.DONE);
        ClusterView view = dcs.read();
        assertThat(view.status()).isEqualTo(status);
        assertThat(view.history()).containsExactly(row);
        assertThat(view.failsafe()).isEqualTo(failsafe);
        dcs.putHistory(List.of());
        assertThat(dcs.read().historyPresent()).isTrue();
    }

    @Test
    void theWatchTellsOfChangesThatMatter() throws Exception {
        Dcs dcs = client();
        Dcs other = client();
        var calls = new AtomicInteger();
        LeaseId lease = other.grantLease(LONG);
        dcs.watch(calls::incrementAndGet);
        other.putMember(PG1, report(1), lease);
        until("the member is seen", Duration.ofSeconds(15), () -> calls.get() > 0);

        int before = calls.get();
        other.acquireLeader(PG1, lease, Optional.empty());
        until("the leader is seen", Duration.ofSeconds(5), () -> calls.get() > before);
        int later = calls.get();
        other.releaseLeader(other.read().leader().orElseThrow(), Optional.empty(), Optional.empty());
        until("its release is seen", Duration.ofSeconds(5), () -> calls.get() > later);
    }

    protected static MemberReport report(long at) {
        return new MemberReport(
                "postgres://127.0.0.1:5432/postgres",
                "http://127.0.0.1:8008/patroni",
                Optional.empty(),
                MemberState.RUNNING,
                MemberRole.REPLICA,
                "4.1.4",
                Optional.of("matriarch/0.1.0"),
                new Tags(Map.of("nofailover", "true")),
                Optional.of(new Lsn(at)),
                Optional.of(new Lsn(at)),
                Optional.of(new Lsn(at)),
                ReplicationState.STREAMING,
                Optional.of(new Timeline(1)),
                false,
                false,
                false,
                Optional.of(123456789L));
    }
}
