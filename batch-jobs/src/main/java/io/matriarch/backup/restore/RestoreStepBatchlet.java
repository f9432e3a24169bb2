package io.matriarch.backup.restore;

import io.matriarch.backup.InUse;
import io.matriarch.backup.JobTable;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.backup.sandbox.Halt.HaltedException;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.json.Json;
import jakarta.batch.api.AbstractBatchlet;
import jakarta.batch.api.BatchProperty;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.time.Clock;
import org.jboss.logging.Logger;

/** A step of {@code restore-standalone}; the job's exit status is what the user needs to know in the end, or why it did not come to that. */
@Dependent
@Named
public class RestoreStepBatchlet extends AbstractBatchlet {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    private final JobContext job;
    private final BackupFacts cluster;
    private final JobTable table;
    private final String step;
    private final String request;
    private final InUse inUse;
    private final Halt halt = new Halt();

    @Inject
    public RestoreStepBatchlet(
            JobContext job,
            BackupFacts cluster,
            JobTable table,
            InUse inUse,
            @BatchProperty(name = "step") String step,
            @BatchProperty(name = "request") String request) {
        this.job = job;
        this.cluster = cluster;
        this.table = table;
        this.inUse = inUse;
        this.step = step;
        this.request = request;
    }

    /** As JSON; {@code #} means something to a job's parameters. */
    static String parameter(RestoreRequest request) {
        return request.json().replace("#", "\\u0023");
    }

    private RestoreRequest request() throws IOException {
        try {
            return RestoreRequest.parse(Json.parseObject(request));
        } catch (IllegalArgumentException | RestoreRequest.BadInput e) {
            throw new IOException("the job's parameter \"request\" is none: " + e.getMessage(), e);
        }
    }

    @Override
    public String process() throws IOException {
        try {
            var which = RestoreStep.of(step).orElseThrow(() -> new IOException("there is no step " + step));
            var settings = cluster.settings().orElseThrow(() -> new IOException("this machine is no manager"));
            var site = Sites.of(settings, cluster.ownData(), halt, new Progress());
            var restore = new StandaloneRestore(site, request(), Clock.systemUTC());
            boolean done;
            var use = restore.label().map(inUse::begin);
            try {
                done = restore.run(which);
            } finally {
                use.ifPresent(InUse.Use::close);
            }
            LOG.infof("[restore-step] %s %s", step, done ? "is done" : "was done before");
            if (which == RestoreStep.HANDOVER) {
                var sentence = restore.handedOver();
                LOG.infof("[restored] %s", sentence);
                job.setExitStatus(sentence);
            }
            return done ? "DONE" : "SKIPPED";
        } catch (HaltedException e) {
            LOG.infof("[restore-stopped] in step %s", step);
            job.setExitStatus("stopped as asked in step " + step + "; asking for the same again goes on there");
            return "STOPPED";
        } catch (IOException e) {
            LOG.errorf("[restore-failed] step %s: %s", step, e.getMessage());
            job.setExitStatus(step + ": " + e.getMessage());
            throw e;
        } finally {
            table.ended(job.getExecutionId());
        }
    }

    @Override
    public void stop() {
        halt.ask();
    }

    /** Into the table of jobs. */
    private final class Progress implements Site.RestoreProgress {
        @Override
        public void says(String doing) {
            table.says(job.getExecutionId(), doing);
        }

        @Override
        public void at(String doing, long bytes, long total) {
            table.at(job.getExecutionId(), doing, bytes, total);
        }

        @Override
        public void mayGoOn() throws IOException {
            halt.check();
        }
    }
}
