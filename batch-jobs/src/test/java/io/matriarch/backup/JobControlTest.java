package io.matriarch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.history.JobRecords;
import io.matriarch.backup.history.RecordsFixture;
import jakarta.batch.operations.JobOperator;
import jakarta.batch.operations.JobStartException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real records; the batch runtime is one that only writes them. */
class JobControlTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private final List<String> asked = new ArrayList<>();
    private RecordsFixture fixture;
    private JobControl control;
    private boolean xmlIsMissing;

    @BeforeEach
    void records() throws Exception {
        fixture = new RecordsFixture();
        var operator = (JobOperator) Proxy.newProxyInstance(
                JobOperator.class.getClassLoader(),
                new Class<?>[] {JobOperator.class},
                (proxy, method, arguments) -> operate(method.getName(), List.of(arguments)));
        control = new JobControl(
                new JobRecords(fixture.database()), () -> operator, new JobTable(), Clock.fixed(NOON, ZoneOffset.UTC));
    }

    private Object operate(String method, List<Object> arguments) throws SQLException {
        asked.add(method + " " + arguments);
        return switch (method) {
            case "start" -> {
                if (xmlIsMissing) {
                    throw new JobStartException("JBERET000601: Failed to get job xml file");
                }
                yield fixture.execution(
                        fixture.instance(String.valueOf(arguments.get(0))), "STARTED", NOON, null, stored(arguments));
            }
            case "restart" -> {
                long instance = new JobRecordsLook(fixture).instanceOf((long) arguments.get(0));
                yield fixture.execution(instance, "STARTED", NOON, null, stored(arguments));
            }
            case "stop" -> status("STOPPING", (long) arguments.get(0));
            case "abandon" -> status("ABANDONED", (long) arguments.get(0));
            default -> throw new UnsupportedOperationException(method);
        };
    }

    private record JobRecordsLook(RecordsFixture fixture) {
        long instanceOf(long execution) throws SQLException {
            try {
                return new JobRecords(fixture.database())
                        .find(execution)
                        .orElseThrow()
                        .instance();
            } catch (java.io.IOException e) {
                throw new SQLException(e);
            }
        }
    }

    private static String stored(List<Object> arguments) {
        var text = new StringBuilder();
        ((Properties) arguments.get(1))
                .forEach((k, v) -> text.append(k).append(" = ").append(v).append('\n'));
        return text.toString().strip();
    }

    private Object status(String status, long id) throws SQLException {
        fixture.update("update job_execution set batchstatus = ? where jobexecutionid = ?", status, id);
        return Optional.empty();
    }

    private long recorded(Job job, String status) throws SQLException {
        return fixture.execution(
                fixture.instance(job.word()), status, NOON, status.startsWith("START") ? null : NOON, "");
    }

    @Test
    void startedJobIsInTheRecordsWithItsParameters() throws Exception {
        var run = control.start(Job.VERIFY_BACKUP, Map.of("label", "b1"))
                .accepted()
                .orElseThrow();

        var details = control.details(run.id()).orElseThrow();
        assertThat(details.run().state()).isEqualTo(JobRun.State.RUNNING);
        assertThat(details.parameters()).isEqualTo(Map.of("label", "b1"));
    }

    @Test
    void wrongParametersNeverReachTheRuntime() {
        assertThat(control.start(Job.CHECK_REPOSITORY, Map.of())).isInstanceOf(JobAnswer.Wrong.class);
        assertThat(asked).isEmpty();
    }

    @Test
    void missingXmlIsSaidToBeTheServersFault() {
        xmlIsMissing = true;

        var answer = control.start(Job.BASE_BACKUP, Map.of());

        assertThat(answer).isInstanceOf(JobAnswer.Broken.class);
        assertThat(answer.sentence()).contains("Failed to get job xml file");
    }

    @Test
    void exclusiveJobsDoNotRunBesideEachOtherAndOthersDo() {
        var first = control.start(Job.BASE_BACKUP, Map.of()).accepted().orElseThrow();

        var second = control.start(Job.VERIFY_BACKUP, Map.of());

        assertThat(second).isInstanceOf(JobAnswer.Refused.class);
        assertThat(second.sentence()).startsWith("base-backup runs as execution " + first.id());
        assertThat(control.start(Job.CHECK_REPOSITORY, Map.of("repository", "/backups"))
                        .accepted())
                .isPresent();
    }

    @Test
    void whatAnEarlierServerLeftIsEndedBeforeAnythingStartsAndDoesNotBlock() throws Exception {
        long left = recorded(Job.BASE_BACKUP, "STARTED");

        assertThat(control.start(Job.BASE_BACKUP, Map.of()).accepted()).isPresent();

        var ended = control.details(left).orElseThrow().run();
        assertThat(ended.state()).isEqualTo(JobRun.State.FAILED);
        assertThat(ended.outcome()).contains(JobRecords.INTERRUPTED);
        assertThat(ended.ended()).contains(NOON);
    }

    @Test
    void ownExecutionIsNotTakenForAnEarlierServers() throws Exception {
        var first = control.start(Job.CHECK_REPOSITORY, Map.of("repository", "/a"))
                .accepted()
                .orElseThrow();

        control.start(Job.CHECK_REPOSITORY, Map.of("repository", "/b"));

        assertThat(control.details(first.id()).orElseThrow().run().state()).isEqualTo(JobRun.State.RUNNING);
    }

    @Test
    void restartIsStrictAndKeepsTheParameters() throws Exception {
        long failed = fixture.execution(fixture.instance(Job.VERIFY_BACKUP.word()), "FAILED", NOON, NOON, "label = b1");

        var again = control.restart(failed).accepted().orElseThrow();

        assertThat(asked).hasSize(1).first().asString().contains("jberet.restart.mode=strict", "label=b1");
        assertThat(control.details(again.id()).orElseThrow().parameters()).isEqualTo(Map.of("label", "b1"));
        assertThat(control.restart(failed).sentence()).contains("was restarted before, as execution " + again.id());
    }

    @Test
    void whatCannotBeRestartedSaysWhy() throws Exception {
        assertThat(control.restart(recorded(Job.VERIFY_BACKUP, "COMPLETED")).sentence())
                .contains("is COMPLETED: only what failed or was stopped can be restarted");
        assertThat(control.restart(recorded(Job.BASE_BACKUP, "FAILED")).sentence())
                .contains("start a new one");
        assertThat(control.restart(fixture.execution(fixture.instance("gone"), "FAILED", NOON, NOON, ""))
                        .sentence())
                .contains("is of a job that this version does not have; it has base-backup, ");
        assertThat(control.restart(4711)).isEqualTo(new JobAnswer.Unknown(4711));
        assertThat(asked).isEmpty();
    }

    @Test
    void onlyWhatRunsIsStopped() throws Exception {
        var run = control.start(Job.BASE_BACKUP, Map.of()).accepted().orElseThrow();

        assertThat(control.stop(run.id()).accepted().orElseThrow().state()).isEqualTo(JobRun.State.STOPPING);
        assertThat(control.stop(recorded(Job.BASE_BACKUP, "FAILED")).sentence())
                .contains("is FAILED: only what runs can be stopped");
        assertThat(control.stop(4711)).isInstanceOf(JobAnswer.Unknown.class);
    }

    @Test
    void onlyWhatFailedOrWasStoppedIsAbandoned() throws Exception {
        long failed = recorded(Job.VERIFY_BACKUP, "FAILED");

        assertThat(control.abandon(failed).accepted().orElseThrow().state()).isEqualTo(JobRun.State.ABANDONED);
        assertThat(control.abandon(failed).sentence()).contains("is ABANDONED: only");
        assertThat(control.restart(failed).sentence()).contains("is ABANDONED: only");
        long running = control.start(Job.BASE_BACKUP, Map.of())
                .accepted()
                .orElseThrow()
                .id();
        assertThat(control.abandon(running).sentence()).contains("stop it first");
    }

    @Test
    void longHistoryIsPurgedWhenRecordsAreMadeReady() throws Exception {
        var longAgo = NOON.minusSeconds(400L * 24 * 3600);
        for (int i = 0; i < 130; i++) {
            fixture.execution(fixture.instance(Job.CHECK_REPOSITORY.word()), "COMPLETED", longAgo, longAgo, "");
        }

        control.makeReady();

        assertThat(control.runs(JobQuery.newest(200))).hasSize(100);
    }
}
