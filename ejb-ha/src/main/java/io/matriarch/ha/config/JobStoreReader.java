package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Scalar;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code matriarch.jobs}: where a manager keeps the records of its jobs. */
final class JobStoreReader {
    private static final int PORT = 5432;
    private static final String FILE = "file";
    private static final String NAME = "matriarch";
    /** What needs no quoting in an address. */
    private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}");

    private JobStoreReader() {}

    /** Empty: a file in the state directory. */
    static Optional<JobStoreConfig> read(Section matriarch, Machine machine, Map<String, String> environment) {
        try (Section jobs = matriarch.section("jobs")) {
            if (jobs.node("repository").filter(Scalar.class::isInstance).isPresent()) {
                jobs.parsed(
                        "repository",
                        text -> Optional.of(text).filter(FILE::equals),
                        "file, or a map with address, database, username, password_file, cacert");
                return Optional.empty();
            }
            if (!jobs.has("repository")) {
                return Optional.empty();
            }
            try (Section repository = jobs.section("repository")) {
                var address = repository.hostPort("address", PORT);
                if (!repository.has("address")) {
                    repository.error(
                            "address", "is missing; allowed: host:port of a PostgreSQL outside of the cluster");
                }
                String database = name(repository, "database");
                String username = name(repository, "username");
                var cacert = RestApiReader.file(repository, "cacert", machine);
                var password = new StoreReader(repository, machine, environment)
                        .secret(repository, "password_file", "MATRIARCH_JOBS_PASSWORD");
                return address.flatMap(
                        at -> password.map(secret -> new JobStoreConfig(at, database, username, secret, cacert)));
            }
        }
    }

    private static String name(Section repository, String key) {
        return repository
                .parsed(
                        key,
                        text -> Optional.of(text).filter(t -> NAMES.matcher(t).matches()),
                        "letters, digits, _ . and -")
                .orElse(NAME);
    }
}
