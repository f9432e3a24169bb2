package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.adapter.postgres.LocalPostgresProbe;
import io.matriarch.ha.model.ControlFacts.ControlState;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.port.PostgresException;
import io.matriarch.ha.port.PostgresProbe.Answer;
import io.matriarch.ha.port.PostgresProbe.Facts;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Signals;
import io.matriarch.tests.support.SinglePostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the probe says about a real PostgreSQL in each of its states. */
final class ProbeSystemIT {
    private static final Duration BOUND = Duration.ofSeconds(2);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void directoriesAreToldApart() throws Exception {
        try (var pg = SinglePostgres.empty();
                var probe = pg.probe()) {
            assertThat(probe.look(BOUND).data()).isEqualTo(DataDirectory.EMPTY);
            Files.createDirectory(pg.data());
            assertThat(probe.look(BOUND).data()).isEqualTo(DataDirectory.EMPTY);
            Path stray = Files.writeString(pg.data().resolve("stray"), "");
            assertThat(probe.look(BOUND).data()).isEqualTo(DataDirectory.INCOMPLETE);
            Files.delete(stray);
            Files.delete(pg.data());
            Files.createSymbolicLink(pg.data(), Path.of("/nowhere/at/all"));
            assertThat(probe.look(BOUND).data()).isEqualTo(DataDirectory.UNKNOWN);
            Files.delete(pg.data());
        }
    }

    @Test
    void primaryTellsItsPositionItsReplicasAndWhatWaitsForARestart() throws Exception {
        try (var pg = SinglePostgres.init();
                var probe = pg.probe()) {
            assertThat(probe.look(BOUND).answer()).isEqualTo(Answer.NO_POSTMASTER);
            pg.start();
            Facts facts = probe.look(BOUND);
            assertThat(facts.answer()).isEqualTo(Answer.ANSWERED);
            assertThat(facts.data()).isEqualTo(DataDirectory.PRESENT);
            assertThat(facts.role()).isEqualTo(PostgresRole.PRIMARY);
            assertThat(facts.control().orElseThrow().systemIdentifier().value())
                    .isEqualTo(pg.ask("SELECT system_identifier FROM pg_control_system()"));
            assertThat(facts.control().orElseThrow().state()).isEqualTo(ControlState.IN_PRODUCTION);
            assertThat(facts.wal().orElseThrow().timeline()).isEqualTo(new Timeline(1));
            assertThat(facts.wal().orElseThrow().written())
                    .isBetween(Lsn.ZERO, Lsn.parse(pg.ask("SELECT pg_current_wal_flush_lsn()")));
            assertThat(facts.postmasterPid()).isEqualTo(pg.postmaster().orElseThrow());
            assertThat(facts.startedAt()).isPresent();
            assertThat(facts.serverVersion()).isGreaterThanOrEqualTo(140000);
            assertThat(facts.storage().walFreeBytes()).isPresent();
            assertThat(facts.storage().walIsFull()).isFalse();
            assertThat(facts.pendingRestart()).isEmpty();

            pg.ask("SELECT pg_create_physical_replication_slot('pg2', true)");
            pg.configure("max_connections = 123\nsynchronous_standby_names = ''\n");
            pg.ask("SELECT pg_reload_conf()");
            Facts later = Eventually.find("a pending restart", LIMIT, () -> {
                Facts seen = probe.look(BOUND);
                return seen.pendingRestart().isEmpty() ? Eventually.Look.missing("none") : Eventually.Look.found(seen);
            });
            assertThat(later.pendingRestart().get("max_connections").oldValue()).isEqualTo("100");
            assertThat(later.pendingRestart().get("max_connections").newValue()).isEqualTo("123");
            assertThat(later.slots()).containsKey("pg2");
        }
    }

    @Test
    void replicaTellsWhereItIsAlsoWhenItsPrimaryIsGone() throws Exception {
        try (var pg = SinglePostgres.init()) {
            pg.start();
            try (var second = pg.cloneAsReplica("pg2");
                    var onPrimary = pg.probe();
                    var probe = second.probe()) {
                second.start();
                pg.ask("CREATE TABLE t AS SELECT generate_series(1, 1000) i");
                Facts streaming = Eventually.find("streaming", LIMIT, () -> {
                    Facts seen = probe.look(BOUND);
                    Lsn there = onPrimary.look(BOUND).wal().orElseThrow().written();
                    return seen.wal()
                                    .filter(w -> w.replicationState() == ReplicationState.STREAMING
                                            && w.written().equals(there))
                                    .isPresent()
                            ? Eventually.Look.found(seen)
                            : Eventually.Look.missing(seen.wal().toString());
                });
                assertThat(streaming.role()).isEqualTo(PostgresRole.REPLICA);
                assertThat(streaming.standbySignal()).isTrue();
                assertThat(streaming.configuredUpstream().orElseThrow().port()).isEqualTo(pg.port());
                assertThat(streaming.wal().orElseThrow().leaderEnd()).isPresent();
                assertThat(onPrimary.look(BOUND).senders()).hasSize(1).first().satisfies(sender -> {
                    assertThat(sender.applicationName()).isEqualTo("pg2");
                    assertThat(sender.state()).isEqualTo("streaming");
                    assertThat(sender.flushed()).isPresent();
                });
                pg.killAll();
                Facts alone = Eventually.find("the receiver ends", LIMIT, () -> {
                    Facts seen = probe.look(BOUND);
                    return seen.wal()
                                    .filter(w -> w.replicationState() == ReplicationState.NONE)
                                    .isPresent()
                            ? Eventually.Look.found(seen)
                            : Eventually.Look.missing(seen.wal().toString());
                });
                assertThat(alone.wal().orElseThrow().timeline()).isEqualTo(new Timeline(1));
                second.promote();
                Facts promoted = probe.look(BOUND);
                assertThat(promoted.role()).isEqualTo(PostgresRole.PRIMARY);
                assertThat(promoted.wal().orElseThrow().timeline()).isEqualTo(new Timeline(2));
                assertThat(probe.history(new Timeline(2))).hasSize(1).first().satisfies(row -> {
                    assertThat(row.timeline()).isEqualTo(new Timeline(1));
                    assertThat(row.at()).isPresent();
                });
            }
        }
    }

    @Test
    void whoeverAsksARelayOfAFallenPrimaryHearsTheTimelineThatItHadReached() throws Exception {
        try (var pg = SinglePostgres.init()) {
            pg.start();
            try (var second = pg.cloneAsReplica("pg2")) {
                second.start();
                try (var third = second.cloneAsReplica("pg3");
                        var loop = third.probe();
                        var others = third.probe()) {
                    third.start();
                    pg.killAll();
                    second.promote();
                    Eventually.holds(
                            "pg3 streams timeline 2",
                            LIMIT,
                            () -> loop.look(BOUND)
                                    .wal()
                                    .filter(w -> w.timeline().equals(new Timeline(2)))
                                    .isPresent());
                    second.killAll();
                    Facts alone = Eventually.find("the receiver ends", LIMIT, () -> {
                        Facts seen = others.look(Duration.ofMillis(300));
                        return seen.wal()
                                        .filter(w -> w.replicationState() == ReplicationState.NONE)
                                        .isPresent()
                                ? Eventually.Look.found(seen)
                                : Eventually.Look.missing(seen.wal().toString());
                    });

                    assertThat(alone.control().orElseThrow().timeline()).isEqualTo(new Timeline(1));
                    assertThat(alone.wal().orElseThrow().timeline()).isEqualTo(new Timeline(2));
                }
            }
        }
    }

    @Test
    void frozenPostmasterIsSilentAndComesBack() throws Exception {
        try (var pg = SinglePostgres.init();
                var probe = pg.probe()) {
            pg.start();
            assertThat(probe.look(BOUND).answer()).isEqualTo(Answer.ANSWERED);
            long postmaster = pg.postmaster().orElseThrow();
            Signals.send("STOP", postmaster);
            try {
                Eventually.holds("frozen", LIMIT, () -> Signals.frozen(postmaster));
                assertThat(probe.look(BOUND).answer()).isEqualTo(Answer.SILENT);
            } finally {
                Signals.send("CONT", postmaster);
            }
            Eventually.holds("it answers again", LIMIT, () -> probe.look(BOUND).answer() == Answer.ANSWERED);
        }
    }

    @Test
    void frozenSessionIsSilentWithinTheBound() throws Exception {
        try (var pg = SinglePostgres.init();
                var probe = pg.probe()) {
            pg.start();
            assertThat(probe.look(BOUND).answer()).isEqualTo(Answer.ANSWERED);
            long ours = Long.parseLong(pg.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'matriarch'"));
            Signals.send("STOP", ours);
            try {
                long began = System.nanoTime();
                assertThat(probe.look(Duration.ofMillis(500)).answer()).isEqualTo(Answer.SILENT);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
                // The next look takes a session of its own and is answered.
                Eventually.holds(
                        "a new session answers", LIMIT, () -> probe.look(BOUND).answer() == Answer.ANSWERED);
            } finally {
                Signals.send("CONT", ours);
                Signals.send("KILL", ours);
            }
        }
    }

    @Test
    void endedSessionIsReplacedWithinTheSameLook() throws Exception {
        try (var pg = SinglePostgres.init();
                var probe = pg.probe()) {
            pg.start();
            assertThat(probe.look(BOUND).answer()).isEqualTo(Answer.ANSWERED);
            pg.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'matriarch'");
            assertThat(probe.look(BOUND).answer()).isEqualTo(Answer.ANSWERED);
        }
    }

    @Test
    void stoppingIsToldAndTheProbeDoesNotHoldUpASmartStop() throws Exception {
        try (var pg = SinglePostgres.init();
                var probe = pg.probe()) {
            pg.start();
            assertThat(probe.look(BOUND).answer()).isEqualTo(Answer.ANSWERED);
            long postmaster = pg.postmaster().orElseThrow();
            Signals.send("TERM", postmaster);
            Eventually.holds("it is gone", LIMIT, () -> probe.look(BOUND).answer() == Answer.NO_POSTMASTER);
            Facts down = probe.look(BOUND);
            assertThat(down.control().orElseThrow().cleanPrimaryStop()).isTrue();
            assertThat(down.role()).isEqualTo(PostgresRole.PRIMARY);
        }
    }

    @Test
    void wrongPasswordIsNoReasonToCallItSilent() throws Exception {
        try (var pg = SinglePostgres.init()) {
            pg.write(pg.data().resolve("pg_hba.conf"), "host all all 127.0.0.1/32 reject\n");
            pg.startWithoutWaiting();
            try (var probe = pg.probe()) {
                Facts facts = Eventually.find("it speaks", LIMIT, () -> {
                    Facts seen = probe.look(BOUND);
                    return seen.answer() == Answer.ANSWERED
                            ? Eventually.Look.found(seen)
                            : Eventually.Look.missing(seen.answer().toString());
                });
                assertThat(facts.role()).isEqualTo(PostgresRole.UNKNOWN);
                assertThat(facts.wal()).isEmpty();
            }
        }
    }

    @Test
    void evidenceAgainstALeaderWhileRunningAndWhenDown() throws Exception {
        try (var pg = SinglePostgres.init()) {
            pg.start();
            try (var second = pg.cloneAsReplica("pg2");
                    var probe = pg.probe();
                    var onSecond = second.probe()) {
                second.start();
                pg.ask("CREATE TABLE t AS SELECT generate_series(1, 1000) i");
                Eventually.holds(
                        "caught up",
                        LIMIT,
                        () -> onSecond.look(BOUND)
                                .wal()
                                .orElseThrow()
                                .written()
                                .equals(probe.look(BOUND).wal().orElseThrow().written()));
                second.stop("fast");
                // Only the old primary has this.
                pg.ask("CREATE TABLE lost AS SELECT generate_series(1, 10) i");
                Lsn written = Lsn.parse(pg.ask("SELECT pg_current_wal_flush_lsn()"));
                pg.killAll();
                second.configure("primary_conninfo = ''\n");
                second.start();
                second.promote();
                var leader =
                        new Upstream(Optional.of(new MemberName("pg2")), "127.0.0.1", second.port(), Optional.empty());
                assertThat(probe.look(BOUND).answer()).isEqualTo(Answer.NO_POSTMASTER);

                var evidence = probe.rejoinEvidence(leader, Duration.ofSeconds(10));

                assertThat(evidence.leaderIsPrimary()).isTrue();
                assertThat(evidence.leaderTimeline()).isEqualTo(new Timeline(2));
                assertThat(evidence.leaderSystem())
                        .isEqualTo(probe.look(BOUND).control().orElseThrow().systemIdentifier());
                assertThat(evidence.localTimeline()).isEqualTo(new Timeline(1));
                assertThat(evidence.localEnd()).isGreaterThanOrEqualTo(written);
                assertThat(evidence.leaderHistory()).hasSize(1);
                assertThat(evidence.localEnd())
                        .isGreaterThan(evidence.leaderHistory().getFirst().switchPoint());
                assertThat(evidence.localHistory()).isEmpty();

                try (LocalPostgresProbe there = second.probe()) {
                    Facts running = there.look(BOUND);
                    var own = there.rejoinEvidence(leader, Duration.ofSeconds(10));
                    assertThat(own.localTimeline()).isEqualTo(new Timeline(2));
                    assertThat(own.localEnd())
                            .isGreaterThanOrEqualTo(running.wal().orElseThrow().written());
                    assertThat(own.localHistory()).hasSize(1);
                }
                var nobody = new Upstream(Optional.of(new MemberName("pg9")), "127.0.0.1", 1, Optional.empty());
                assertThatThrownBy(() -> probe.rejoinEvidence(nobody, BOUND)).isInstanceOf(PostgresException.class);
            }
        }
    }
}
