package io.matriarch.backup.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.history.JobRecords.Question;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobRecordsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    @TempDir
    private Path directory;

    private RecordsFixture fixture;
    private JobRecords records;

    @BeforeEach
    void database() throws Exception {
        fixture = new RecordsFixture();
        records = new JobRecords(fixture.database());
        records.prepare();
    }

    @Test
    void pagesGoOnWhereTheLastOneEndedWhateverWasStartedSince() throws Exception {
        var ids = new ArrayList<Long>();
        for (int i = 0; i < 5; i++) {
            ids.add(fixture.execution(fixture.instance("base-backup"), "COMPLETED", NOON, NOON, ""));
        }
        var first = ids(question(Optional.empty(), List.of(), Optional.empty(), 2, 0));
        fixture.execution(fixture.instance("base-backup"), "STARTED", NOON, null, "");

        var second = ids(question(Optional.empty(), List.of(), Optional.of(first.getLast()), 2, 0));

        assertThat(first).containsExactly(ids.get(4), ids.get(3));
        assertThat(second).containsExactly(ids.get(2), ids.get(1));
        assertThat(ids(question(Optional.empty(), List.of(), Optional.empty(), 2, 5)))
                .containsExactly(ids.get(0));
    }

    @Test
    void jobAndStatusChoose() throws Exception {
        long failed = fixture.execution(fixture.instance("base-backup"), "FAILED", NOON, NOON, "");
        fixture.execution(fixture.instance("base-backup"), "COMPLETED", NOON, NOON, "");
        fixture.execution(fixture.instance("verify-backup"), "FAILED", NOON, NOON, "");

        assertThat(ids(question(Optional.of("base-backup"), List.of("FAILED", "STOPPED"), Optional.empty(), 9, 0)))
                .containsExactly(failed);
    }

    @Test
    void executionIsReadWithParametersAndSteps() throws Exception {
        long id = fixture.execution(
                fixture.instance("verify-backup"),
                "STARTED",
                NOON,
                null,
                "label = a = b\njberet.restart.mode = strict");
        fixture.step(id, "verify", "STARTED", NOON);

        var found = records.find(id).orElseThrow();

        assertThat(found.parameters()).isEqualTo(Map.of("label", "a = b"));
        assertThat(found.created()).isEqualTo(NOON);
        assertThat(found.ended()).isEmpty();
        assertThat(records.steps(id)).extracting(Execution.Step::name).containsExactly("verify");
        assertThat(records.find(id + 1)).isEmpty();
    }

    @Test
    void whatAnEarlierServerLeftRunningIsEndedWithItsSteps() throws Exception {
        long started = fixture.execution(fixture.instance("verify-backup"), "STARTED", NOON, null, "");
        fixture.step(started, "verify", "STARTED", NOON);
        long starting = fixture.execution(fixture.instance("verify-backup"), "STARTING", NOON, null, "");
        long stopping = fixture.execution(fixture.instance("base-backup"), "STOPPING", NOON, null, "");
        long done = fixture.execution(fixture.instance("base-backup"), "COMPLETED", NOON, NOON, "");
        fixture.step(done, "copy", "COMPLETED", NOON);

        var ended = records.endInterrupted(NOON.plusSeconds(60));

        assertThat(ended).extracting(Execution::id).containsExactlyInAnyOrder(started, starting, stopping);
        for (long id : List.of(started, starting, stopping)) {
            var now = records.find(id).orElseThrow();
            assertThat(now.status()).isEqualTo("FAILED");
            assertThat(now.exit()).contains(JobRecords.INTERRUPTED);
            assertThat(now.ended()).contains(NOON.plusSeconds(60));
        }
        assertThat(records.steps(started).getFirst().status()).isEqualTo("FAILED");
        assertThat(records.find(done).orElseThrow().status()).isEqualTo("COMPLETED");
        assertThat(records.steps(done).getFirst().status()).isEqualTo("COMPLETED");
        assertThat(records.endInterrupted(NOON)).isEmpty();
    }

    @Test
    void longLastWordsHaveRoom() throws Exception {
        long id = fixture.execution(fixture.instance("base-backup"), "STARTED", NOON, null, "");
        var words = "x".repeat(20_000);

        fixture.update("update job_execution set exitstatus = ? where jobexecutionid = ?", words, id);

        assertThat(records.find(id).orElseThrow().exit()).contains(words);
    }

    @Test
    void preparingTwiceIsAsOnce() throws Exception {
        records.prepare();

        assertThat(records.all()).isEmpty();
    }

    @Test
    void forgottenIsAllOfAnInstanceAndNothingThatRuns() throws Exception {
        long old = fixture.instance("base-backup");
        long id = fixture.execution(old, "FAILED", NOON, NOON, "");
        fixture.step(id, "copy", "FAILED", NOON);
        long runs = fixture.instance("base-backup");
        long alive = fixture.execution(runs, "STARTED", NOON, null, "");

        assertThat(records.forget(List.of(old, runs))).isOne();

        assertThat(records.all()).extracting(Execution::id).containsExactly(alive);
        assertThat(records.steps(id)).isEmpty();
    }

    @Test
    void newestTryOfAnInstanceIsKnown() throws Exception {
        long instance = fixture.instance("verify-backup");
        fixture.execution(instance, "FAILED", NOON, NOON, "");
        long second = fixture.execution(instance, "COMPLETED", NOON, NOON, "");

        assertThat(records.newestOf(instance)).isEqualTo(second);
    }

    @Test
    void databaseThatCannotBeReadIsSaidToBe() {
        var nowhere = new JdbcDataSource();
        nowhere.setURL("jdbc:h2:file:" + directory.resolve("other") + ";IFEXISTS=TRUE");

        assertThatThrownBy(() -> new JobRecords(nowhere).all())
                .isInstanceOf(RecordsException.class)
                .hasMessageContaining("the records of the jobs: reading them: ");
    }

    private static Question question(
            Optional<String> job, List<String> statuses, Optional<Long> before, int limit, int offset) {
        return new Question(job, statuses, before, limit, offset);
    }

    private List<Long> ids(Question question) throws RecordsException {
        return records.page(question).stream().map(Execution::id).toList();
    }
}
