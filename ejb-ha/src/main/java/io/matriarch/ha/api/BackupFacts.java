package io.matriarch.ha.api;

import io.matriarch.ha.config.BackupPolicyReader;
import io.matriarch.ha.config.EncryptionConfig;
import io.matriarch.ha.config.LocalConfig;
import io.matriarch.ha.config.MemberConfig;
import io.matriarch.ha.config.PostgresAccess;
import io.matriarch.ha.config.Secret;
import io.matriarch.ha.config.StoreConfig;
import io.matriarch.ha.config.WebhookConfig;
import io.matriarch.ha.loop.AgentHolder;
import io.matriarch.ha.loop.ClusterStore;
import io.matriarch.ha.model.InitializeKey;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.port.DcsUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
     * @param wal whether WAL is received
     * @param walSegmentTime after this time a segment with a transaction in it is ended, so that it can be stored
     */
    public record Settings(
            String scope,
            Path repository,
            Optional<StoreConfig> store,
            Optional<EncryptionConfig> encryption,
            boolean ownRepository,
            Path work,
            boolean wal,
            Duration walSegmentTime,
            PostgresAccess postgres) {

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
    public record Leader(String member, long reign, String host, int port, String apiUrl) {

        /** As a member of which no more is known. */
        public Member asMember() {
            return new Member(member, host, port, apiUrl, false, Optional.empty(), Optional.empty());
        }
    }

    /**
     * A member of the cluster.
     *
     * @param host of its PostgreSQL, as {@code port}
     * @param apiUrl its {@code /patroni}
     * @param streams whether it is a replica that streams now, by its own word
     * @param position how far its WAL reaches, if it says so
     * @param timeline on which it is, if it says so
     */
    public record Member(
            String name,
            String host,
            int port,
            String apiUrl,
            boolean streams,
            Optional<Lsn> position,
            Optional<Timeline> timeline) {}

    /**
     * This manager.
     *
     * @param url of its REST interface, without a path
     * @param isNode whether it runs PostgreSQL too
     */
    public record Self(String name, String url, boolean isNode) {}

    /**
     * A machine that runs PostgreSQL, as one that managers have something done on.
     *
     * @param host where others reach it
     * @param encrypted whether its REST interface is reached over TLS only
     * @param data its data directory
     * @param state its state directory
     * @param repository where backups lie in a directory, as this machine's own configuration says
     */
    public record NodeSide(
            String name,
            String host,
            boolean encrypted,
            Path data,
            Path state,
            Optional<Path> repository,
            PostgresAccess postgres) {

        /** Directory for what is needed for the time of a command. */
        public Path work() {
            return state.resolve("work");
        }

        /** Where a program of PostgreSQL is. */
        public Path program(String name) {
            return postgres.program(name);
        }

        public String superuser() {
            return postgres.authentication().superuser().username();
        }
    }

    /** This machine as a node; empty while it has no configuration, or on one that runs no PostgreSQL. */
    public Optional<NodeSide> node() {
        return holder.settings()
                .map(MemberConfig::now)
                .filter(LocalConfig::isNode)
                .flatMap(config -> config.access()
                        .map(access -> new NodeSide(
                                config.name().value(),
                                config.restapi().connectAddress().host(),
                                config.restapi().tls().isPresent(),
                                config.node().dataDir(),
                                state(),
                                config.matriarch().backup().repository(),
                                access)));
    }

    /**
     * How this machine calls others of the cluster. Blocks for the disk.
     *
     * @throws IOException if it has no configuration, or a file of its certificates cannot be used
     */
    public MemberCalls calls() throws IOException {
        var config = holder.settings()
                .map(MemberConfig::now)
                .orElseThrow(() -> new IOException("this machine has no configuration"));
        try {
            return MemberCalls.of(config);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Empty while this machine has no configuration, is no manager, or one that cannot log in to PostgreSQL. */
    public Optional<Settings> settings() {
        return manager().flatMap(config -> config.access().map(access -> settings(config, access)));
    }

    /** This machine's name and where its REST interface is reached, if it is a manager. */
    public Optional<Self> self() {
        return manager()
                .map(config -> new Self(config.name().value(), config.restapi().url(), config.isNode()));
    }

    /** Directory for what is needed for the time of a job, in the state directory and so this process's alone; empty if it is no manager. */
    public Optional<Path> work() {
        return manager().map(config -> work(state()));
    }

    private static Path state() {
        return Path.of(System.getProperty("matriarch.state.dir", "."));
    }

    private static Path work(Path state) {
        return state.resolve("work");
    }

    /** The data directory of this machine's own PostgreSQL; empty on a machine that runs none. */
    public Optional<Path> ownData() {
        return manager().filter(LocalConfig::isNode).map(config -> config.node().dataDir());
    }

    /** Who is told of alarms, if somebody is. */
    public Optional<WebhookConfig> webhook() {
        return manager().flatMap(config -> config.matriarch().backup().webhook());
    }

    private Optional<LocalConfig> manager() {
        return holder.settings().map(MemberConfig::now).filter(LocalConfig::isManager);
    }

    /**
     * What holds for the cluster's backups now, and what is wrong with the dynamic configuration's word on it. Blocks.
     *
     * @throws IOException if etcd cannot be asked, or this machine is no manager
     */
    public BackupPolicyReader.Read policy() throws IOException {
        var config = manager().orElseThrow(() -> new IOException("this machine is no manager"));
        try {
            return BackupPolicyReader.dynamic(
                    store().managers().config(), config.matriarch().backup().policy());
        } catch (DcsUnavailableException e) {
            throw new IOException("etcd cannot be asked for the configuration: " + e.getMessage(), e);
        }
    }

    private static Settings settings(LocalConfig config, PostgresAccess access) {
        var state = state();
        var backup = config.matriarch().backup();
        return new Settings(
                config.scope().name(),
                backup.repository().orElse(state.resolve("repository")),
                backup.store(),
                backup.encryption(),
                backup.repository().isEmpty(),
                work(state),
                backup.wal(),
                Duration.ofSeconds(backup.walTimeoutSeconds()),
                access);
    }

    /**
     * Reads from etcd who leads; empty when nobody does or its member key is missing. Blocks.
     *
     * @throws IOException if etcd cannot be asked
     */
    public Optional<Leader> leader() throws IOException {
        try {
            var cluster = store().dcs().read();
            return cluster.leader().flatMap(key -> cluster.leaderMember().map(member -> leader(key, member)));
        } catch (DcsUnavailableException e) {
            throw new IOException("etcd cannot be asked who leads: " + e.getMessage(), e);
        }
    }

    /**
     * Reads from etcd which members there are, the leader included. Blocks.
     *
     * @throws IOException if etcd cannot be asked
     */
    public List<Member> members() throws IOException {
        try {
            return store().dcs().read().members().values().stream()
                    .map(BackupFacts::member)
                    .toList();
        } catch (DcsUnavailableException e) {
            throw new IOException("etcd cannot be asked for the members: " + e.getMessage(), e);
        }
    }

    /**
     * Reads from etcd which system the cluster is; empty before it was founded. Blocks.
     *
     * @throws IOException if etcd cannot be asked
     */
    public Optional<SystemIdentifier> system() throws IOException {
        try {
            return store().dcs().read().initialize().flatMap(InitializeKey::systemIdentifier);
        } catch (DcsUnavailableException e) {
            throw new IOException("etcd cannot be asked which system the cluster is: " + e.getMessage(), e);
        }
    }

    private ClusterStore store() throws IOException {
        return holder.store().orElseThrow(() -> new IOException("this machine is not connected to etcd yet"));
    }

    private static Member member(MemberView member) {
        var at = URI.create(member.report().connUrl());
        return new Member(
                member.name().value(),
                String.valueOf(at.getHost()).replaceAll("[\\[\\]]", ""),
                at.getPort(),
                member.report().apiUrl(),
                member.report().replicationState() == ReplicationState.STREAMING,
                member.report().xlogLocation(),
                member.report().timeline());
    }

    private static Leader leader(LeaderKey key, MemberView view) {
        var member = member(view);
        return new Leader(member.name(), key.createRevision().value(), member.host(), member.port(), member.apiUrl());
    }
}
