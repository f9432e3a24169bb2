package io.matriarch.tests.container;

import io.matriarch.backup.BackupJobs;
import io.matriarch.ha.health.HealthState;
import java.io.File;
import java.net.URISyntaxException;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.EmptyAsset;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** Builds EARs in the shape of ours, around a test class, from the jars that the build just made. */
final class Deployments {

    private Deployments() {}

    /** The batch jobs and the health checks, without the loop: it would look for etcd and PostgreSQL. */
    static EnterpriseArchive withoutLoop(Class<?> test) {
        WebArchive war = ShrinkWrap.create(WebArchive.class, "test.war")
                .addClass(test)
                .addAsWebInfResource(EmptyAsset.INSTANCE, "beans.xml");
        return ShrinkWrap.create(EnterpriseArchive.class, "container-test.ear")
                .addAsModule(jarOf(BackupJobs.class, "batch-jobs.jar"))
                .addAsLibrary(jarOf(HealthState.class, "ejb-ha-health.jar"))
                .addAsModule(war);
    }

    private static JavaArchive jarOf(Class<?> member, String name) {
        try {
            File jar = new File(
                    member.getProtectionDomain().getCodeSource().getLocation().toURI());
            return ShrinkWrap.create(ZipImporter.class, name).importFrom(jar).as(JavaArchive.class);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("no jar holds " + member, e);
        }
    }
}
