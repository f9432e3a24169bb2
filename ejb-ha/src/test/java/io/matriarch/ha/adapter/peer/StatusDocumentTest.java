package io.matriarch.ha.adapter.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Liveness;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.model.Timeline;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusDocumentTest {
    private static final MemberName N1 = new MemberName("n1");

    private static Optional<String> instance(String body) {
        return StatusDocument.instance(body, new MemberName("pg1"), new Scope("service", "herd"));
    }

    @Test
    void thePrimaryOfPatroniIsRead() {
        PeerView view = StatusDocument.parse(
                N1,
                "{\"state\": \"running\", \"postmaster_start_time\": \"2026-11-22 10:00:00.000000+00:00\", \"role\": \"primary\", "
                        + "\"server_version\": 150018, \"xlog\": {\"location\": 67108960}, \"timeline\": 1, \"replication\": [], "
                        + "\"dcs_last_seen\": 1795379959, \"tags\": {\"mytag\": \"v1\"}, \"database_system_identifier\": \"7711\", "
                        + "\"patroni\": {\"version\": \"4.1.4\", \"scope\": \"lab\", \"name\": \"n1\"}}");

        assertThat(view.liveness()).isEqualTo(Liveness.ALIVE);
        assertThat(view.role()).isEqualTo(PostgresRole.PRIMARY);
        assertThat(view.state()).contains(MemberState.RUNNING);
        assertThat(view.timeline()).contains(new Timeline(1));
        assertThat(view.wal()).contains(new Lsn(67108960));
        assertThat(view.tags().values()).containsEntry("mytag", "v1");
        assertThat(view.walFreeBytes()).isEmpty();
    }

    @Test
    void aReplicaIsAsFarAsTheLargerOfReceivedAndReplayed() {
        PeerView view = StatusDocument.parse(
                N1,
                "{\"state\": \"running\", \"role\": \"replica\", \"xlog\": {\"received_location\": 100, \"replayed_location\": 200, "
                        + "\"replayed_timestamp\": null, \"paused\": false}, \"timeline\": 3, \"replication_state\": \"streaming\", "
                        + "\"tags\": {\"nofailover\": true, \"failover_priority\": 2}, \"watchdog_failed\": true, \"wal_free_bytes\": 77}");

        assertThat(view.role()).isEqualTo(PostgresRole.REPLICA);
        assertThat(view.wal()).contains(new Lsn(200));
        assertThat(view.replicationState()).isEqualTo(ReplicationState.STREAMING);
        assertThat(view.tags().nofailover()).isTrue();
        assertThat(view.watchdogFailed()).isTrue();
        assertThat(view.walFreeBytes()).contains(77L);
    }

    @Test
    void olderPatronisAreUnderstood() {
        PeerView view =
                StatusDocument.parse(N1, "{\"state\":\"running\",\"role\":\"master\",\"wal\":{\"location\":\"5\"}}");

        assertThat(view.role()).isEqualTo(PostgresRole.PRIMARY);
        assertThat(view.wal()).contains(new Lsn(5));
    }

    @Test
    void withoutPositionsItsPostgresDidNotAnswer() {
        PeerView view = StatusDocument.parse(N1, "{\"state\":\"unknown\",\"role\":\"primary\",\"patroni\":{}}");

        assertThat(view.liveness()).isEqualTo(Liveness.ALIVE);
        assertThat(view.role()).isEqualTo(PostgresRole.UNKNOWN);
        assertThat(view.wal()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>502</html>", "[]", "{}", "{\"error\":1}"})
    void anotherAnswerIsSilence(String body) {
        assertThat(StatusDocument.parse(N1, body)).isEqualTo(PeerView.silent(N1));
    }

    @Test
    void processSaysWhichOneItIsOrNothing() {
        assertThat(instance("{\"state\": \"running\", \"instance\": \"i\"}")).contains("i");
        assertThat(instance("{\"state\": \"running\"}")).contains("");
        assertThat(instance("<html>")).isEmpty();
        var other = "{\"state\": \"running\", \"instance\": \"i\", \"patroni\": {\"name\": \"%s\", \"scope\": \"%s\"}}";
        assertThat(instance(other.formatted("pg1", "herd"))).contains("i");
        assertThat(instance(other.formatted("pg2", "herd"))).isEmpty();
        assertThat(instance(other.formatted("pg1", "flock"))).isEmpty();
    }
}
