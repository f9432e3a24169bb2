package io.matriarch.tests.support;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** PostgreSQL 17 for the tests of what no earlier one can do; {@code deploy/test} fetches it where the system's own is older. */
public final class Postgres17 {
    private static final String OPT_OUT = "MATRIARCH_TEST_WITHOUT_POSTGRES17";
    private static final String NAMED = "MATRIARCH_TEST_POSTGRES17";
    private static final String PROGRAMS = "usr/lib/postgresql/17/bin";

    private Postgres17() {}

    /** The directory of its programs. Without it the test fails, unless somebody said in the environment that it shall be skipped. */
    public static Path bin() {
        Assumptions.assumeTrue(
                System.getenv(OPT_OUT) == null,
                "PostgreSQL 17 is not tested: " + OPT_OUT + " is set in the environment");
        var named = System.getenv().getOrDefault(NAMED, "");
        var places = named.isEmpty()
                ? List.of(
                        Path.of("/", PROGRAMS),
                        Path.of("/var/cache/matriarch-test/postgresql-17", PROGRAMS),
                        Path.of(System.getProperty("user.home"), ".cache/matriarch-test/postgresql-17", PROGRAMS))
                : List.of(Path.of(named));
        return places.stream()
                .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("There is no PostgreSQL 17 in any of " + places
                        + ": let deploy/test fetch it (it says why it cannot), name the directory of its programs in "
                        + NAMED + ", or set " + OPT_OUT + "=yes to skip what needs it"));
    }
}
