package io.matriarch.backup.history;

import io.matriarch.ha.config.JobStoreConfig;
import io.matriarch.ha.config.LocalConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

/** A PostgreSQL as store of the records: how it is reached, and whether it may be used. Pure. */
record RecordsServer(String schema, String url, JobStoreConfig store) {
    private static final int NAME_LENGTH = 40;
    private static final int HASH_BYTES = 4;

    /**
     * What the server says of itself.
     *
     * @param system identifier of its data
     * @param clusterName its setting {@code cluster_name}: an agent starts each member of a cluster with the scope, and nothing can change it
     * @param replica whether it is in recovery
     */
    record Nature(String system, String clusterName, boolean replica) {}

    /** Each manager has a schema of its own: what an earlier server left running there is this manager's, whoever shares the database. */
    static RecordsServer of(LocalConfig config, JobStoreConfig store) {
        var schema = schema(config.scope().prefix(), config.name().value());
        var host = store.address().host();
        var url = "jdbc:postgresql://" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + store.address().port() + "/" + store.database() + "?currentSchema=" + schema
                + "&ApplicationName=matriarch-jobs&connectTimeout=10&socketTimeout=60&tcpKeepAlive=true"
                + store.cacert()
                        .map(file -> "&sslmode=verify-full&sslrootcert="
                                + java.net.URLEncoder.encode(file.toString(), StandardCharsets.UTF_8))
                        .orElse("");
        return new RecordsServer(schema, url, store);
    }

    static String schema(String scope, String manager) {
        var words = ("jobs_" + scope + "_" + manager).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
        // Names that differ in what was replaced above stay apart.
        return words.substring(0, Math.min(words.length(), NAME_LENGTH)) + "_" + hash(scope + "\n" + manager);
    }

    private static String hash(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Why it must not be used; empty when it may.
     *
     * @param own the system of this machine's own PostgreSQL, if it runs one and that has data
     */
    static Optional<String> refusal(Nature nature, String scope, Optional<String> own) {
        if (nature.clusterName().equals(scope)) {
            return Optional.of(
                    "it is a member of the managed cluster " + scope
                            + " (its cluster_name says so): a restore would take the records back in time, a failure them away");
        }
        if (own.filter(nature.system()::equals).isPresent()) {
            return Optional.of("it holds the data of the managed cluster " + scope + " (system identifier "
                    + nature.system() + ")");
        }
        return nature.replica() ? Optional.of("it is a replica, which cannot be written to") : Optional.empty();
    }

    /** How it is logged in to: user, password and url, each name behind the prefix. Never to be logged. */
    Properties properties(String prefix) {
        var all = new Properties();
        all.setProperty(prefix + "url", url);
        all.setProperty(prefix + "user", store.username());
        all.setProperty(prefix + "password", store.password().reveal());
        return all;
    }

    @Override
    public String toString() {
        return store.address() + "/" + store.database();
    }
}
