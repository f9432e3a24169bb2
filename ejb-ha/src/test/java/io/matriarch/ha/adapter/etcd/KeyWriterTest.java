package io.matriarch.ha.adapter.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SyncState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyWriterTest {
    private static final MemberName N1 = new MemberName("n1");
    private static final MemberName N2 = new MemberName("n2");
    private static final MemberName N3 = new MemberName("n3");
    private static final Revision REVISION = new Revision(1);

    @Test
    void statusLeavesOutWhatIsEmpty() {
        assertThat(KeyWriter.status(new ClusterStatus(Optional.of(new Lsn(67108960)), Map.of(), List.of())))
                .isEqualTo("{\"optime\":67108960}");
        assertThat(KeyWriter.status(
                        new ClusterStatus(Optional.of(new Lsn(1)), Map.of("n2", new Lsn(2)), List.of("n3"))))
                .isEqualTo("{\"optime\":1,\"slots\":{\"n2\":2},\"retain_slots\":[\"n3\"]}");
    }

    @Test
    void failoverIsAnEmptyObjectWhenNothingIsAsked() {
        assertThat(KeyWriter.failover(Optional.empty())).isEqualTo("{}");
        assertThat(KeyWriter.failover(Optional.of(new FailoverRequest(
                        Optional.of(N1),
                        Optional.of(N2),
                        Optional.of(Instant.parse("2029-12-31T23:00:00Z")),
                        false,
                        REVISION))))
                .isEqualTo("{\"leader\":\"n1\",\"member\":\"n2\",\"scheduled_at\":\"2029-12-31T23:00:00+00:00\"}");
        assertThat(KeyWriter.failover(Optional.of(FailoverRequest.toSuccessor(N2))))
                .isEqualTo("{\"member\":\"n2\",\"settled\":true}");
    }

    @Test
    void syncHasAllThreeFieldsAlways() {
        assertThat(KeyWriter.sync(new SyncState(Optional.of(N1), Set.of(N3, N2), 1, REVISION)))
                .isEqualTo("{\"leader\":\"n1\",\"quorum\":1,\"sync_standby\":\"n2,n3\"}");
        assertThat(KeyWriter.sync(new SyncState(Optional.empty(), Set.of(), 0, REVISION)))
                .isEqualTo("{\"leader\":null,\"quorum\":0,\"sync_standby\":null}");
    }

    @Test
    void failsafeIsSortedByName() {
        assertThat(KeyWriter.failsafe(Map.of(N2, "http://h2/patroni", N1, "http://h1/patroni")))
                .isEqualTo("{\"n1\":\"http://h1/patroni\",\"n2\":\"http://h2/patroni\"}");
    }
}
