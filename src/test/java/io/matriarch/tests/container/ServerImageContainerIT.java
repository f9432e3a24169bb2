package io.matriarch.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** What is in the server image and in the EAR, down to the names: an unnoticed jar is start-up time and a clash to come. */
class ServerImageContainerIT {

    private static final Pattern RESOURCE_ROOT = Pattern.compile("<resource-root path=\"([^\"]+)\"");
    private static final Path DEPLOY = Path.of(System.getProperty("matriarch.deploy"));

    @Test
    void jetcdModuleListsEveryJarThatLiesBesideIt() throws IOException {
        Path module = DEPLOY.resolve("target/server/modules/io/etcd/jetcd/main");

        assertThat(listed(module)).containsExactlyInAnyOrderElementsOf(jarsIn(module));
    }

    @Test
    void driverModuleListsEveryJarThatLiesBesideIt() throws IOException {
        Path module = DEPLOY.resolve("target/server/modules/org/postgresql/jdbc/main");

        assertThat(listed(module)).containsExactlyInAnyOrderElementsOf(jarsIn(module));
    }

    /** A second Netty, log or Jakarta API here would be loaded beside the server's. */
    @Test
    void storesLieBesideTheApplicationWithNothingThatTheServerHas() throws IOException {
        for (String family : List.of("s3", "azure", "age")) {
            List<String> jars = jarsIn(DEPLOY.resolve("target/server/stores").resolve(family));

            assertThat(jars)
                    .contains("stores.jar")
                    .noneMatch(jar -> jar.matches("(netty|slf4j|jakarta|jboss|apache).*"));
        }
        assertThat(jarsIn(DEPLOY.resolve("target/server/stores/age")))
                .containsExactlyInAnyOrder(
                        "stores.jar",
                        "jagged-api.jar",
                        "jagged-bech32.jar",
                        "jagged-framework.jar",
                        "jagged-x25519.jar");
        assertThat(jarsIn(DEPLOY.resolve("target/server/stores/s3"))).contains("s3.jar", "url-connection-client.jar");
        assertThat(jarsIn(DEPLOY.resolve("target/server/stores/azure")))
                .contains("azure-storage-blob.jar", "azure-core-http-jdk-httpclient.jar");
    }

    @Test
    void earHoldsOurModulesAndNothingThatTheServerProvides() throws IOException {
        try (ZipFile ear =
                new ZipFile(DEPLOY.resolve("../ear/target/matriarch.ear").toFile())) {
            List<String> archives = ear.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.endsWith(".jar") || name.endsWith(".war"))
                    .toList();

            assertThat(archives)
                    .containsExactlyInAnyOrder(
                            "ejb-ha.jar",
                            "batch-jobs.jar",
                            "web.war",
                            "lib/ejb-ha-health.jar",
                            "lib/snakeyaml-engine.jar");
        }
    }

    @Test
    void serverCarriesNoClusteringNoScannerAndNoSecondListener() throws IOException {
        String configuration =
                Files.readString(DEPLOY.resolve("target/server/standalone/configuration/standalone.xml"));

        assertThat(configuration)
                .doesNotContain(
                        "infinispan", "distributable-ejb", "deployment-scanner", "https-listener", "ajp-listener");
    }

    @Test
    void onlyAManagersServerCarriesADatabase() throws IOException {
        Path configurations = DEPLOY.resolve("target/server/standalone/configuration");

        assertThat(Files.readString(configurations.resolve("standalone.xml")))
                .doesNotContain("datasources", "h2", "org.jboss.as.connector", "jca", "<jdbc ")
                .contains("<in-memory/>");
        assertThat(Files.readString(configurations.resolve("standalone-manager.xml")))
                .contains(
                        "<default-job-repository name=\"records\"/>",
                        "java:jboss/datasources/MatriarchJobs",
                        "jdbc:h2:file:${matriarch.state.dir}/jobs/jobs",
                        "<restart-jobs-on-resume value=\"false\"/>")
                .contains("matriarch.ear");
        assertThat(Files.readString(configurations.resolve("standalone-manager-postgresql.xml")))
                .contains(
                        "<default-job-repository name=\"records\"/>",
                        "java:jboss/datasources/MatriarchJobs",
                        "${matriarch.jobs.url}",
                        "${matriarch.jobs.password}",
                        "matriarch.ear")
                .doesNotContain("jdbc:h2:file:");
    }

    private static List<String> listed(Path module) throws IOException {
        Matcher matcher = RESOURCE_ROOT.matcher(Files.readString(module.resolve("module.xml")));
        return matcher.results().map(found -> found.group(1)).toList();
    }

    private static List<String> jarsIn(Path module) throws IOException {
        try (Stream<Path> files = Files.list(module)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .toList();
        }
    }
}
