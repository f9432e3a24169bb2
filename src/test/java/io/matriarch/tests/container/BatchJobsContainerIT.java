package io.matriarch.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.Job;
import io.matriarch.backup.JobAnswer;
import io.matriarch.backup.JobQuery;
import io.matriarch.backup.JobRun;
import jakarta.ejb.EJB;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Jakarta Batch as the image provides it: the jobs' XML is found, batchlets are injected, outcomes come back. */
@ExtendWith(ArquillianExtension.class)
class BatchJobsContainerIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @EJB
    private BackupJobs jobs;

    @Deployment
    static EnterpriseArchive deployment() {
        return Deployments.withoutLoop(BatchJobsContainerIT.class);
    }

    @Test
    void repositoryThatCanBeWrittenIsReportedWithItsRoom() throws IOException {
        Path repository = Files.createTempDirectory("repository");

        JobRun run = awaitEnd(check(repository));

        assertEquals(JobRun.State.COMPLETED, run.state());
        assertEquals(Job.CHECK_REPOSITORY.word(), run.job());
        assertTrue(run.outcome().orElse("").startsWith("writable, "), () -> "outcome: " + run.outcome());
        assertTrue(run.ended().isPresent());
        Files.delete(repository);
    }

    @Test
    void repositoryThatIsMissingFailsTheJobAndSaysWhy() throws IOException {
        JobRun run = awaitEnd(check(Path.of("/nonexistent/repository")));

        assertEquals(JobRun.State.FAILED, run.state());
        assertTrue(run.outcome().orElse("").contains("is not a directory"), () -> "outcome: " + run.outcome());
    }

    @Test
    void executionIsRecordedWithItsParametersAndSteps() throws IOException {
        long id = check(Path.of("/nonexistent/repository"));
        awaitEnd(id);

        JobRun.Details details = jobs.details(id).orElseThrow();

        assertEquals(Map.of("repository", "/nonexistent/repository"), details.parameters());
        assertEquals(1, details.steps().size());
        assertEquals("probe", details.steps().getFirst().name());
        assertEquals(JobRun.State.FAILED, details.steps().getFirst().state());
        assertEquals(id, jobs.runs(JobQuery.newest(1)).getFirst().id());
    }

    /** The batch runtime's own table has room for 512 characters, and an end that does not fit would never be recorded. */
    @Test
    void lastWordsOfAnyLengthAreRecorded() throws IOException {
        String deep = "/nonexistent/" + "repository/".repeat(80);

        JobRun run = awaitEnd(check(Path.of(deep)));

        assertEquals(JobRun.State.FAILED, run.state());
        assertTrue(run.outcome().orElse("").length() > 800, () -> "outcome: " + run.outcome());
    }

    @Test
    void failedExecutionIsRestartedOnceAndAnAbandonedOneNever() throws IOException {
        long first = check(Path.of("/nonexistent/repository"));
        awaitEnd(first);

        long second = jobs.restart(first).accepted().orElseThrow().id();
        awaitEnd(second);

        assertEquals(
                Map.of("repository", "/nonexistent/repository"),
                jobs.details(second).orElseThrow().parameters());
        assertTrue(jobs.restart(first).sentence().contains("was restarted before, as execution " + second));
        assertEquals(
                JobRun.State.ABANDONED,
                jobs.abandon(second).accepted().orElseThrow().state());
        assertTrue(jobs.restart(second).sentence().contains("is ABANDONED"));
    }

    @Test
    void jobWithWrongParametersIsNotStarted() {
        assertTrue(jobs.start(Job.CHECK_REPOSITORY, Map.of("directory", "/")) instanceof JobAnswer.Wrong);
    }

    @Test
    void executionThatNobodyStartedIsNotFound() throws IOException {
        assertTrue(jobs.details(987_654_321L).isEmpty());
    }

    private long check(Path repository) {
        return jobs.start(Job.CHECK_REPOSITORY, Map.of("repository", repository.toString()))
                .accepted()
                .orElseThrow()
                .id();
    }

    /** Jakarta Batch tells nobody that an execution ended; it has to be asked. */
    private JobRun awaitEnd(long id) throws IOException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            JobRun run = jobs.details(id).orElseThrow().run();
            if (run.state().ended()) {
                return run;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still running after " + LIMIT + ": " + run);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
