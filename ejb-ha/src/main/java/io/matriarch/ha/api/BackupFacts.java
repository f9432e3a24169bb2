package io.matriarch.ha.api;

import io.matriarch.ha.config.EncryptionConfig;
import io.matriarch.ha.config.LocalConfig;
import io.matriarch.ha.config.MemberConfig;
import io.matriarch.ha.config.PostgresConfig;
import io.matriarch.ha.config.Secret;
import io.matriarch.ha.config.StoreConfig;
import io.matriarch.ha.loop.AgentHolder;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.port.DcsUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** What backup jobs may know of this machine's configuration and of the cluster. */
@ApplicationScoped
public class BackupFacts {
    private final AgentHolder holder;

    /** For the container's proxy. */
    protected BackupFacts() {
        this(new AgentHolder());
    }

    /** Of a machine that has no configuration. */
    public static BackupFacts none() {
        return new BackupFacts(new AgentHolder());
    }

    @Inject
    public BackupFacts(AgentHolder holder) {
        this.holder = holder;
    }

    /**
     * How this machine backs up.
     *
     * @param scope the cluster
     * @param repository directory of the backups, unless a store holds them
     * @param store object store that holds the backups
     * @param encryption of what is in the repository
     * @param ownRepository whether that is the one in the state directory, because none was configured
     * @param work directory for what is needed for the time of a job
     * @param format word of the format
     * @param keep how many verified backups
     * @param verify whether each new one is verified at once
     */
    public record Settings(
            String scope,
            Path repository,
            Optional<StoreConfig> store,
            Optional<EncryptionConfig> encryption,
            boolean ownRepository,
            Path work,
            String format,
            int keep,
            boolean verify,
            PostgresConfig postgres) {

        /** Where a program of PostgreSQL is. */
        public Path program(String name) {
            return postgres.program(name);
        }

        public String superuser() {
            return postgres.authentication().superuser().username();
        }

        /** Empty where none is configured. Never to be logged. */
        public String superuserPassword() {
            return postgres.authentication()
                    .superuser()
                    .password()
                    .map(Secret::reveal)
                    .orElse("");
        }

        public String replicationUser() {
            return postgres.authentication().replication().username();
        }

        /** Empty where none is configured. Never to be logged. */
        public String replicationPassword() {
            return postgres.authentication()
                    .replication()
                    .password()
                    .map(Secret::reveal)
                    .orElse("");
        }

        public String database() {
            return postgres.database();
        }
    }

    /**
     * Who leads.
     *
     * @param reign revision at which its leader key was created: another one is another reign
     * @param apiUrl its {@code /patroni}
     */
    public record Leader(String member, long reign, String host, int port, String apiUrl) {}

    /** Empty while this machine has no configuration, or not the role of a manager of its own PostgreSQL. */
    public Optional<Settings> settings() {
        return holder.settings()
                .map(MemberConfig::now)
                .filter(config -> config.isManager() && config.isNode())
                .map(BackupFacts::settings);
    }

    private static Settings settings(LocalConfig config) {
        var state = Path.of(System.getProperty("matriarch.state.dir", "."));
        var backup = config.matriarch().backup();
        return new Settings(
                config.scope().name(),
                backup.repository().orElse(state.resolve("repository")),
                backup.store(),
                backup.encryption(),
                backup.repository().isEmpty(),
                state.resolve("work"),
                backup.format(),
                backup.keep(),
                backup.verify(),
                config.node());
    }

    /**
     * Reads from etcd who leads; empty when nobody does or its member key is missing. Blocks.
     *
     * @throws IOException if etcd cannot be asked
     */
    public Optional<Leader> leader() throws IOException {
        var agent = holder.agent().orElseThrow(() -> new IOException("the agent of this machine is not running yet"));
        try {
            var cluster = agent.ports().dcs().read();
            return cluster.leader().flatMap(key -> cluster.leaderMember().map(member -> leader(key, member)));
        } catch (DcsUnavailableException e) {
            throw new IOException("etcd cannot be asked who leads: " + e.getMessage(), e);
        }
    }

    private static Leader leader(LeaderKey key, MemberView member) {
        var at = URI.create(member.report().connUrl());
        return new Leader(
                member.name().value(),
                key.createRevision().value(),
                String.valueOf(at.getHost()).replaceAll("[\\[\\]]", ""),
                at.getPort(),
                member.report().apiUrl());
    }
}
