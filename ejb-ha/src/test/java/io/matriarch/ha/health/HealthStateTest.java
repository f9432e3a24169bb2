package io.matriarch.ha.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.matriarch.ha.health.HealthReport.Postgres;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthStateTest {

    private static final Duration TTL = Duration.ofSeconds(5);
    private static final long TICK = 1_000_000_000L;

    private final HealthState state = new HealthState();

    @Test
    void bootingServerIsLiveButNeitherStartedNorReady() {
        assertThat(state.live().up()).isTrue();
        assertThat(state.started().up()).isFalse();
        assertThat(state.ready().up()).isFalse();
    }

    @Test
    void serverWhoseLoopNeverTicksIsNotLiveForEver() {
        long late = System.nanoTime()
                + HealthState.FIRST_TICK_ALLOWANCE.plusSeconds(1).toNanos();

        assertThat(state.liveAt(late).up()).isFalse();
    }

    @Test
    void liveNeedsATickWithinTheTtl() {
        state.publish(report(Postgres.RUNNING, true, Optional.of("pg1")));

        assertThat(state.liveAt(TICK + TTL.toNanos()).up()).isTrue();
        assertThat(state.liveAt(TICK + TTL.toNanos() + 1).up()).isFalse();
    }

    @Test
    void liveDependsOnNeitherDcsNorPostgres() {
        state.publish(report(Postgres.NOT_RUNNING, false, Optional.empty()));

        assertThat(state.liveAt(TICK).up()).isTrue();
        assertThat(state.started().up()).isTrue();
    }

    @Test
    void readyNeedsPostgresTheDcsAndALeader() {
        assertThat(readiness(Postgres.RUNNING, true, Optional.of("pg1"))).isTrue();
        assertThat(readiness(Postgres.NOT_RUNNING, true, Optional.of("pg1"))).isFalse();
        assertThat(readiness(Postgres.RUNNING, false, Optional.of("pg1"))).isFalse();
        assertThat(readiness(Postgres.RUNNING, true, Optional.empty())).isFalse();
    }

    @Test
    void managerWithoutPostgresIsReadyWhenTheClusterHasALeader() {
        assertThat(readiness(Postgres.NOT_OURS, true, Optional.of("pg1"))).isTrue();
    }

    @Test
    void stalledLoopIsNotReady() {
        state.publish(report(Postgres.RUNNING, true, Optional.of("pg1")));

        assertThat(state.readyAt(TICK + TTL.toNanos() + 1).up()).isFalse();
    }

    @Test
    void verdictShowsItsEvidence() {
        state.publish(report(Postgres.RUNNING, true, Optional.of("pg1")));

        assertThat(state.readyAt(TICK).data())
                .containsEntry("leader", "pg1")
                .containsEntry("postgres", "running")
                .containsEntry("dcs", "reached")
                .containsEntry("role", "primary");
    }

    @Test
    void reportRefusesATtlThatIsNotPositive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new HealthReport(TICK, Duration.ZERO, Postgres.RUNNING, "primary", true, Optional.empty()));
    }

    private boolean readiness(Postgres postgres, boolean dcsReached, Optional<String> leader) {
        state.publish(report(postgres, dcsReached, leader));
        return state.readyAt(TICK).up();
    }

    private static HealthReport report(Postgres postgres, boolean dcsReached, Optional<String> leader) {
        return new HealthReport(TICK, TTL, postgres, "primary", dcsReached, leader);
    }
}
