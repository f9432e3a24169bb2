package io.matriarch.backup.restore;

import io.matriarch.backup.InUse;
import io.matriarch.backup.JobTable;
import io.matriarch.backup.node.NodeWork.Telling;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.backup.sandbox.Halt.HaltedException;
import io.matriarch.ha.json.Json;
import jakarta.batch.api.AbstractBatchlet;
import jakarta.batch.api.BatchProperty;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** A step of {@code restore-standalone}; the job's exit status is what the user needs to know in the end, or why it did not come to that. */
@Dependent
@Named
public class RestoreStepBatchlet extends AbstractBatchlet {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    /** A member that restarts, with its PostgreSQL, is waited for. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final JobContext job;
    private final RestorePlaces places;
    private final JobTable table;
    private final String step;
    private final String request;
    private final InUse inUse;
    private final Halt halt = new Halt();

    @Inject
    public RestoreStepBatchlet(
            JobContext job,
            RestorePlaces places,
            JobTable table,
            InUse inUse,
            @BatchProperty(name = "step") String step,
            @BatchProperty(name = "request") String request) {
        this.job = job;
        this.places = places;
        this.table = table;
        this.inUse = inUse;
        this.step = step;
        this.request = request;
    }

    /** As JSON; {@code #} means something to a job's parameters. */
    static String parameter(RestoreRequest request, Optional<String> member) {
        var document = request.document();
        member.ifPresent(name -> document.put("member", name));
        return Json.compact(document).replace("#", "\\u0023");
    }

    @Override
    public String process() throws IOException {
        try (var telling = new ToTable()) {
            var which = RestoreStep.of(step).orElseThrow(() -> new IOException("there is no step " + step));
            var wanted = Json.parseObject(request);
            var place = places.of(RestoreRequest.member(wanted), PATIENCE, halt, telling);
            var done = place.run(RestoreRequest.parse(wanted), which);
            LOG.infof("[restore-step] %s %s", step, done.worked() ? "is done" : "was done before");
            if (which == RestoreStep.HANDOVER) {
                LOG.infof("[restored] %s", done.handedOver());
                job.setExitStatus(done.handedOver());
            }
            return done.worked() ? "DONE" : "SKIPPED";
        } catch (HaltedException e) {
            LOG.infof("[restore-stopped] in step %s", step);
            job.setExitStatus("stopped as asked in step " + step + "; asking for the same again goes on there");
            return "STOPPED";
        } catch (IOException e) {
            LOG.errorf("[restore-failed] step %s: %s", step, e.getMessage());
            job.setExitStatus(step + ": " + e.getMessage());
            throw e;
        } catch (IllegalArgumentException | RestoreRequest.BadInput e) {
            var why = "the job's parameter \"request\" is none: " + e.getMessage();
            LOG.errorf("[restore-failed] step %s: %s", step, why);
            job.setExitStatus(step + ": " + why);
            throw new IOException(why, e);
        } finally {
            table.ended(job.getExecutionId());
        }
    }

    @Override
    public void stop() {
        halt.ask();
    }

    /** Into the table of jobs; what is read is in use until the step's end. */
    private final class ToTable implements Telling, AutoCloseable {
        private final Map<String, InUse.Use> read = new HashMap<>();

        @Override
        public void says(String doing) {
            table.says(job.getExecutionId(), doing);
        }

        @Override
        public void at(String doing, long bytes, long total) {
            table.at(job.getExecutionId(), doing, bytes, total);
        }

        @Override
        public void reads(String label) {
            read.computeIfAbsent(label, inUse::begin);
        }

        @Override
        public void close() {
            read.values().forEach(InUse.Use::close);
        }
    }
}
