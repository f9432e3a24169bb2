package io.matriarch.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.Job;
import io.matriarch.backup.JobAnswer;
import io.matriarch.backup.JobQuery;
import jakarta.ejb.EJB;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An application whose jobs' XML is missing, broken, or names what is not there: the server starts, and says what is wrong when it matters. */
@ExtendWith(ArquillianExtension.class)
class BrokenJobsContainerIT {
    private static final String FOLDER = "META-INF/batch-jobs/";

    @EJB
    private BackupJobs jobs;

    @Deployment
    static EnterpriseArchive deployment() {
        EnterpriseArchive ear = Deployments.withoutLoop(BrokenJobsContainerIT.class);
        JavaArchive broken = ear.getAsType(JavaArchive.class, "batch-jobs.jar");
        broken.delete(FOLDER + "base-backup.xml");
        broken.delete(FOLDER + "verify-backup.xml");
        broken.add(new StringAsset("<job id=\"verify-backup\"><step"), FOLDER + "verify-backup.xml");
        return ear;
    }

    @Test
    void missingXmlIsSaidToBeMissing() throws IOException {
        var answer = assertInstanceOf(JobAnswer.Broken.class, jobs.start(Job.BASE_BACKUP, Map.of()));

        assertTrue(answer.why().contains("base-backup"), answer.why());
        assertEquals(
                List.of(), jobs.runs(new JobQuery(Optional.of(Job.BASE_BACKUP), List.of(), Optional.empty(), 1, 0)));
    }

    @Test
    void brokenXmlIsSaidToBeBroken() {
        var answer = assertInstanceOf(JobAnswer.Broken.class, jobs.start(Job.VERIFY_BACKUP, Map.of()));

        assertTrue(answer.why().contains("verify-backup"), answer.why());
    }
}
