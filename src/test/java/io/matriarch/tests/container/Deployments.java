package io.matriarch.tests.container;

import io.matriarch.backup.BackupJobs;
import io.matriarch.ha.api.HaCommands;
import io.matriarch.ha.health.HealthState;
import java.io.File;
import java.net.URISyntaxException;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.EmptyAsset;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** Builds EARs in the shape of ours, around a test class, from the jars that the build just made. */
final class Deployments {

    /** As in the EAR, for those parts of it that are here. */
    private static final String STRUCTURE = """
            <jboss-deployment-structure xmlns="urn:jboss:deployment-structure:1.3">
              <sub-deployment name="ejb-ha.jar">
                <dependencies>
                  <module name="io.etcd.jetcd"/>
                  <module name="jdk.unsupported"/>
                  <module name="org.postgresql.jdbc"/>
                </dependencies>
              </sub-deployment>
              <sub-deployment name="batch-jobs.jar">
                <dependencies>
                  <module name="org.postgresql.jdbc"/>
                </dependencies>
              </sub-deployment>
            </jboss-deployment-structure>
            """;

    private Deployments() {}

    /** The batch jobs and the health checks; without {@code matriarch.config} no agent starts, which would look for etcd and PostgreSQL. */
    static EnterpriseArchive withoutLoop(Class<?> test) {
        WebArchive war = ShrinkWrap.create(WebArchive.class, "test.war")
                .addClass(test)
                .addAsWebInfResource(EmptyAsset.INSTANCE, "beans.xml");
        return ShrinkWrap.create(EnterpriseArchive.class, "container-test.ear")
                .addAsModule(jarOf(HaCommands.class, "ejb-ha.jar"))
                .addAsModule(jarOf(BackupJobs.class, "batch-jobs.jar"))
                .addAsManifestResource(new StringAsset(STRUCTURE), "jboss-deployment-structure.xml")
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
