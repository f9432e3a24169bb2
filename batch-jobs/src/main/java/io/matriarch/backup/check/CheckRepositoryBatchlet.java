package io.matriarch.backup.check;

import jakarta.batch.api.AbstractBatchlet;
import jakarta.batch.api.BatchProperty;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.nio.file.Path;

/** The one step of {@code check-repository}; leaves its finding as the job's exit status. */
@Dependent
@Named
public class CheckRepositoryBatchlet extends AbstractBatchlet {

    private final JobContext job;
    private final String repository;

    @Inject
    public CheckRepositoryBatchlet(JobContext job, @BatchProperty(name = "repository") String repository) {
        this.job = job;
        this.repository = repository;
    }

    @Override
    public String process() throws IOException {
        try {
            long freeBytes = new RepositoryCheck(Path.of(repository)).run();
            job.setExitStatus("writable, " + freeBytes / (1024 * 1024) + " MiB free");
            return "COMPLETED";
        } catch (IOException e) {
            job.setExitStatus("not usable: " + e.getMessage());
            throw e;
        }
    }
}
