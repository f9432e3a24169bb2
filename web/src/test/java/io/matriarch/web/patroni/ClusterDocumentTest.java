package io.matriarch.web.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.web.support.Statuses;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterDocumentTest {

    @Test
    void membersByNameWithRoleAddressAndLag() {
        var cluster = Statuses.of("n1").sync(SynchronousMode.PRIORITY, "n2");
        cluster.members = List.of("n2", "n1");
        cluster.pause = true;

        assertThat(ClusterDocument.cluster(cluster.cluster(), "lab"))
                .isEqualTo("{\"members\": [{\"name\": \"n1\", \"role\": \"leader\", \"state\": \"running\", "
                        + "\"api_url\": \"http://127.0.0.1:18101/patroni\", \"host\": \"127.0.0.1\", \"port\": 15531, \"timeline\": 1}, "
                        + "{\"name\": \"n2\", \"role\": \"sync_standby\", \"state\": \"streaming\", "
                        + "\"api_url\": \"http://127.0.0.1:18102/patroni\", \"host\": \"127.0.0.1\", \"port\": 15532, \"timeline\": 1, "
                        + "\"receive_lag\": 96, \"receive_lsn\": \"0/04000000\", \"replay_lag\": 96, \"replay_lsn\": \"0/04000000\", "
                        + "\"lag\": 96, \"lsn\": \"0/04000000\"}], \"scope\": \"lab\", \"pause\": true}");
    }

    @Test
    void metricsCarryPatronisNamesAndOurs() {
        var text = Metrics.render(Statuses.of("n1").make(), 3, Statuses.NOW);

        assertThat(text)
                .contains("patroni_version{scope=\"lab\",name=\"n1\"} 040104\n")
                .contains(
                        "# TYPE patroni_xlog_location counter\npatroni_xlog_location{scope=\"lab\",name=\"n1\"} 67108960\n")
                .contains("patroni_primary{scope=\"lab\",name=\"n1\"} 1\n")
                .contains("patroni_postgres_state{scope=\"lab\",name=\"n1\"} 5\n")
                .contains("matriarch_leader_lease_remaining_seconds{scope=\"lab\",name=\"n1\"} 15.000000\n")
                .contains("matriarch_ready_successors{scope=\"lab\",name=\"n1\"} 2\n")
                .contains("matriarch_fence_proofs_total{scope=\"lab\",name=\"n1\"} 3\n");
        assertThat(Metrics.render(Statuses.of("n2").make(), 0, new MonotonicTime(Statuses.NOW.nanos())))
                .contains("matriarch_replica_lag_bytes{scope=\"lab\",name=\"n2\",stage=\"replayed\"} 0\n");
    }

    @Test
    void eachMetricHasOneHelpAndOneType() {
        var lines = Metrics.render(Statuses.of("n1").make(), 0, Statuses.NOW)
                .lines()
                .toList();
        var helps = lines.stream()
                .filter(l -> l.startsWith("# HELP "))
                .map(l -> l.split(" ")[2])
                .toList();
        var types = lines.stream()
                .filter(l -> l.startsWith("# TYPE "))
                .map(l -> l.split(" ")[2])
                .toList();

        assertThat(helps).doesNotHaveDuplicates().isEqualTo(types);
    }
}
