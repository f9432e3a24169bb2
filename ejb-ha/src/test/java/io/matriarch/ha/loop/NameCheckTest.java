package io.matriarch.ha.loop;

import static io.matriarch.ha.decide.StatusSamples.ME;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.decide.StatusSamples;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.port.PeerProbe;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** In etcd the key of {@code pg1} hangs on the lease 11. */
class NameCheckTest {
    private static final LeaseId THERE = new LeaseId(11);
    private static final ClusterView CLUSTER = StatusSamples.cluster(StatusSamples.replica());
    private static final String ITS_URL =
            CLUSTER.member(ME).orElseThrow().report().apiUrl();
    private static final String ELSEWHERE = "http://twin:8008/patroni";

    private Optional<String> answer = Optional.of("another process");

    private NameCheck check(String ownUrl, Optional<LeaseId> inherited) {
        var identity = new Identity(
                ME, new Scope("service", "demo"), () -> Tags.NONE, "", ownUrl, Optional.empty(), "0.1.0", "{}");
        var peers = (PeerProbe) Proxy.newProxyInstance(
                PeerProbe.class.getClassLoader(),
                new Class<?>[] {PeerProbe.class},
                (proxy, method, arguments) -> answer);
        return new NameCheck(identity, peers, inherited);
    }

    private static DcsView reachable(ClusterView cluster) {
        return new DcsView.Reachable(cluster);
    }

    private static Optional<String> taken(NameCheck check) {
        return check.taken(reachable(CLUSTER));
    }

    @Test
    void nameIsTakenByWhoeverAnswersElsewhere() {
        assertThat(taken(check(ELSEWHERE, Optional.empty())).orElseThrow()).contains("pg1", ITS_URL);
        answer = Optional.of("");
        assertThat(taken(check(ELSEWHERE, Optional.empty()))).isPresent();
        answer = Optional.empty();
        assertThat(taken(check(ELSEWHERE, Optional.empty()))).isEmpty();
    }

    @Test
    void keyOfThePredecessorIsOurs() {
        assertThat(taken(check(ELSEWHERE, Optional.of(THERE)))).isEmpty();
    }

    @Test
    void copiedFileWithTheSameAddressIsNoticedByTheProcessThatAnswers() {
        assertThat(taken(check(ITS_URL, Optional.empty()))).isPresent();
        answer = Optional.of(Identity.INSTANCE);
        assertThat(taken(check(ITS_URL, Optional.empty()))).isEmpty();
        answer = Optional.of("");
        assertThat(taken(check(ITS_URL, Optional.empty()))).isEmpty();
    }

    @Test
    void whatCouldNotBeReadAtTheStartIsJudgedAtTheFirstReading() {
        var check = check(ELSEWHERE, Optional.empty());

        assertThat(check.taken(new DcsView.Lost(new MonotonicTime(1), "no answer", Optional.empty())))
                .isEmpty();
        assertThat(taken(check)).isPresent();
    }

    @Test
    void ofTwinsThatStartedTogetherOneGivesWay() {
        var smaller = check(ELSEWHERE, Optional.empty());
        smaller.publishing(new LeaseId(10));
        var greater = check(ELSEWHERE, Optional.empty());
        greater.publishing(new LeaseId(12));

        assertThat(taken(smaller)).isEmpty();
        assertThat(taken(greater)).isPresent();
    }

    @Test
    void ofTwinsTheOneThatLeadsStays() {
        var led = StatusSamples.with(
                CLUSTER,
                "leader",
                Optional.of(new LeaderKey(ME, Optional.of(new LeaseId(12)), new Revision(5), new Revision(5))));
        var leader = check(ELSEWHERE, Optional.empty());
        leader.publishing(new LeaseId(12));
        var other = check(ELSEWHERE, Optional.empty());
        other.publishing(new LeaseId(10));

        assertThat(leader.taken(reachable(led))).isEmpty();
        assertThat(other.taken(reachable(StatusSamples.with(
                        led,
                        "members",
                        Map.of(
                                ME,
                                StatusSamples.with(
                                        CLUSTER.member(ME).orElseThrow(), "lease", Optional.of(new LeaseId(12))))))))
                .isPresent();
    }
}
