package io.matriarch.web.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.api.HaCommands;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.WalSenderFacts;
import io.matriarch.web.support.Statuses;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusDocumentTest {

    @Test
    void aPrimaryAsPatroniShowsIt() {
        var primary = Statuses.of("n1");
        primary.tags = Map.of("mytag", "v1");
        primary.senders = List.of(new WalSenderFacts(
                "n2",
                "replicator",
                Optional.of("127.0.0.1"),
                "streaming",
                "async",
                0,
                Optional.empty(),
                Optional.empty()));

        assertThat(StatusDocument.render(primary.make()))
                .isEqualTo("{\"state\": \"running\", \"postmaster_start_time\": \"2026-11-23 05:30:13.716425+00:00\", "
                        + "\"role\": \"primary\", \"server_version\": 150018, \"xlog\": {\"location\": 67108960}, \"timeline\": 1, "
                        + "\"replication\": [{\"usename\": \"replicator\", \"application_name\": \"n2\", \"client_addr\": \"127.0.0.1\", "
                        + "\"state\": \"streaming\", \"sync_state\": \"async\", \"sync_priority\": 0}], "
                        + "\"dcs_last_seen\": 1795379959, \"tags\": {\"mytag\": \"v1\"}, "
                        + "\"database_system_identifier\": \"7711234983839920817\", "
                        + "\"patroni\": {\"version\": \"4.1.4\", \"scope\": \"lab\", \"name\": \"n1\"}, \"agent\": \"matriarch/0.1.0\", "
                        + "\"instance\": \"" + HaCommands.INSTANCE + "\"}");
    }

    @Test
    void aSynchronousStandbyWithItsPositions() {
        var replica = Statuses.of("n2").sync(SynchronousMode.PRIORITY, "n2");
        replica.tags = Map.of("clonefrom", "true", "failover_priority", "2");
        replica.pendingRestart = Map.of("max_connections", "100 -> 200");

        assertThat(StatusDocument.render(replica.make()))
                .contains(
                        "\"role\": \"replica\", \"server_version\": 150018, \"xlog\": {\"received_location\": 67108960, "
                                + "\"replayed_location\": 67108960, \"replayed_timestamp\": \"2026-11-23 05:31:00.000000+00:00\", "
                                + "\"paused\": false}, \"sync_standby\": true, \"timeline\": 1, \"replication_state\": \"streaming\", ")
                .contains("\"tags\": {\"clonefrom\": true, \"failover_priority\": 2}")
                .contains("\"pending_restart\": true, \"pending_restart_reason\": "
                        + "{\"max_connections\": {\"old_value\": \"100\", \"new_value\": \"200\"}}");
    }

    @Test
    void aSilentPostgresHasNoPosition() {
        var hung = Statuses.of("n1");
        hung.postgres = PostgresState.HUNG;

        assertThat(StatusDocument.render(hung.make()))
                .startsWith("{\"state\": \"unknown\", \"role\": ")
                .doesNotContain("xlog");
    }

    @Test
    void aStatusThatNobodyRenewsSaysNothingOfPostgres() {
        assertThat(StatusDocument.renderStale(Statuses.of("n1").make()))
                .startsWith("{\"state\": \"unknown\", \"role\": \"primary\", ")
                .doesNotContain("xlog");
    }

    @Test
    void withoutLeaderOrDcsTheClusterIsUnlocked() {
        var leaderless = Statuses.of("n2");
        leaderless.leader = Optional.empty();
        var lost = Statuses.of("n2");
        lost.dcsLost = true;
        lost.pause = true;

        assertThat(StatusDocument.render(leaderless.make())).contains("\"cluster_unlocked\": true");
        assertThat(StatusDocument.render(lost.make())).contains("\"pause\": true, \"cluster_unlocked\": true");
    }

    @Test
    void theCacheHandsOutTheStaleDocumentAfterATtl() {
        long[] nanos = {Statuses.NOW.nanos()};
        var cache = new StatusCache(() -> nanos[0]);
        assertThat(new String(cache.document(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("\"state\": \"starting\"");

        cache.take(Statuses.of("n1").make());
        assertThat(new String(cache.document(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("xlog");
        assertThat(cache.health("/primary", "")).isEqualTo(200);

        nanos[0] += Statuses.TTL.toNanos();
        assertThat(new String(cache.document(), java.nio.charset.StandardCharsets.UTF_8))
                .doesNotContain("xlog");
        assertThat(cache.health("/primary", "")).isEqualTo(503);
    }
}
