package io.matriarch.tests.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** The rules of ARCHITECTURE.md. Each one's reason names what to do instead. */
@AnalyzeClasses(packages = "io.matriarch", importOptions = ArchitectureTest.OnlyTheProduct.class)
class ArchitectureTest {

    private static final String[] PURE = {"java.lang..", "java.util..", "java.time..", "java.math..", "org.jspecify.."};

    @ArchTest
    static final ArchRule modelKnowsOnlyItself = classes()
            .that()
            .resideInAPackage("io.matriarch.ha.model..")
            .should()
            .onlyDependOnClassesThat(resideInAPackage("io.matriarch.ha.model..").or(pure()))
            .because("values are shared by all parts; what needs more than the JDK's own values belongs to an adapter");

    @ArchTest
    static final ArchRule decisionsKnowOnlyTheModel = classes()
            .that()
            .resideInAPackage("io.matriarch.ha.decide..")
            .should()
            .onlyDependOnClassesThat(resideInAPackage("io.matriarch.ha.decide..")
                    .or(resideInAPackage("io.matriarch.ha.model.."))
                    .or(pure()))
            .because("a decision is replayed and simulated: put what it needs to know into a view,"
                    + " and what it wants done into an Action");

    @ArchTest
    static final ArchRule decisionsTakeTimeAndChanceAsArguments = noClasses()
            .that()
            .resideInAnyPackage("io.matriarch.ha.model..", "io.matriarch.ha.decide..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class)
            .orShould()
            .callMethod(System.class, "getProperty", String.class)
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(LocalDateTime.class, "now")
            .orShould()
            .callMethod(ZonedDateTime.class, "now")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Random.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ThreadLocalRandom.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .because("the same views must give the same decision: read the clock once a cycle, in the loop,"
                    + " and pass MonotonicTime on");

    @ArchTest
    static final ArchRule portsSpeakTheModel = classes()
            .that()
            .resideInAPackage("io.matriarch.ha.port..")
            .should()
            .onlyDependOnClassesThat(resideInAPackage("io.matriarch.ha.port..")
                    .or(resideInAPackage("io.matriarch.ha.model.."))
                    .or(pure()))
            .because("the simulator implements every port: add a record to model instead of a vendor's type");

    @ArchTest
    static final ArchRule adaptersHoldNoPolicy = noClasses()
            .that()
            .resideInAPackage("io.matriarch.ha.adapter..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.matriarch.ha.decide..",
                    "io.matriarch.ha.loop..",
                    "io.matriarch.ha.api..",
                    "io.matriarch.ha.status..",
                    "io.matriarch.web..",
                    "io.matriarch.backup..")
            .because(
                    "an adapter does what an Action says and reports what it saw; what to do next is decided in decide");

    @ArchTest
    static final ArchRule adaptersDoNotKnowEachOther = slices().matching("io.matriarch.ha.adapter.(*)..")
            .should()
            .notDependOnEachOther()
            .because("only the loop combines ports; what two adapters need stands in model or in a package of its own");

    @ArchTest
    static final ArchRule etcdStaysInItsAdapter = noClasses()
            .that()
            .resideOutsideOfPackage("io.matriarch.ha.adapter.etcd..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.etcd..", "io.grpc..", "com.google.protobuf..")
            .because("all else talks to the port Dcs, which the simulator implements too");

    @ArchTest
    static final ArchRule storesStayInTheirAdapters = noClasses()
            .that()
            .resideOutsideOfPackage("io.matriarch.backup.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.matriarch.backup.store..",
                    "software.amazon..",
                    "com.azure..",
                    "com.exceptionfactory..",
                    "reactor..",
                    "com.fasterxml..")
            .because("their libraries are loaded when a configuration asks for them: talk to ObjectStore and Cipher");

    @ArchTest
    static final ArchRule sqlStaysInItsAdapter = noClasses()
            .that()
            .resideOutsideOfPackages("io.matriarch.ha.adapter.postgres..", "io.matriarch.backup..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..")
            .because("PostgreSQL is looked at through PostgresProbe and handled through PostgresControl");

    @ArchTest
    static final ArchRule processesStartInFewPlaces = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.matriarch.ha.adapter.postgres..", "io.matriarch.ha.adapter.fence..", "io.matriarch.backup..")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ProcessBuilder.class)
            .because("a child process must be bounded in time and output: use PostgresTools or the fence");

    @ArchTest
    static final ArchRule containerStaysInTheShell = noClasses()
            .that(resideOutsideOfPackages(
                    "io.matriarch.ha.loop..",
                    "io.matriarch.ha.status..",
                    "io.matriarch.ha.api..",
                    "io.matriarch.ha.health..",
                    "io.matriarch.backup..",
                    "io.matriarch.web.."))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta..")
            .because("the core runs without a server, in tests, in the simulator and in the launcher's tools:"
                    + " wrap a plain class in a thin bean of loop, status or api");

    @ArchTest
    static final ArchRule webSeesOnlyTheFacades = noClasses()
            .that()
            .resideInAPackage("io.matriarch.web..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.matriarch.ha.adapter..",
                    "io.matriarch.ha.decide..",
                    "io.matriarch.ha.loop..",
                    "io.matriarch.ha.port..",
                    "io.matriarch.backup.*..")
            .because("REST reads NodeStatus and calls HaCommands or BackupJobs: decide nothing in a resource");

    @ArchTest
    static final ArchRule jobsSeeOnlyTheFacades = noClasses()
            .that()
            .resideInAPackage("io.matriarch.backup..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.matriarch.ha.adapter..",
                    "io.matriarch.ha.decide..",
                    "io.matriarch.ha.loop..",
                    "io.matriarch.ha.port..",
                    "io.matriarch.web..")
            .because("a job asks the cluster through HaCommands and reads NodeStatus; fail-over never waits for a job");

    @ArchTest
    static final ArchRule coreDoesNotKnowItsUsers = noClasses()
            .that()
            .resideInAPackage("io.matriarch.ha..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.matriarch.web..", "io.matriarch.backup..", "io.matriarch.boot..")
            .because("fail-over must not depend on a console or a backup: publish a status, let them read it");

    @ArchTest
    static final ArchRule healthStandsAlone = classes()
            .that()
            .resideInAPackage("io.matriarch.ha.health..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.matriarch.ha.health..", "java..", "org.jspecify..", "jakarta..", "org.eclipse.microprofile..")
            .because("it travels in the EAR's lib, where our EJB jar cannot be seen: push a HealthReport instead");

    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("io.matriarch.(**)")
            .should()
            .beFreeOfCycles()
            .because("a cycle makes two packages one: move what both need to the lower of the two");

    @ArchTest
    static final ArchRule dependenciesComeThroughTheConstructor = noFields()
            .should()
            .beAnnotatedWith("jakarta.inject.Inject")
            .orShould()
            .beAnnotatedWith("jakarta.ejb.EJB")
            .because("a bean's fields are final and its plain class can be made by hand:"
                    + " inject the constructor (@Resource fields are the container's own and are allowed)");

    @ArchTest
    static final ArchRule nothingPrintsToTheStandardStreams = noClasses()
            .should(ACCESS_STANDARD_STREAMS)
            .because("people read the log: use HaLog or a Logger (the command-line tool is given its streams)");

    private static DescribedPredicate<JavaClass> pure() {
        return resideInAnyPackage(PURE);
    }

    /** Our own jars and class directories, without the tests. */
    static final class OnlyTheProduct implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/io/matriarch/tests/") && !location.contains("/test-classes/");
        }
    }
}
