package io.matriarch.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.Job;
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
