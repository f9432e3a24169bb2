package io.matriarch.ha.api;

import io.matriarch.ha.config.LocalConfig;
import io.matriarch.ha.config.MemberConfig;
import io.matriarch.ha.config.PostgresConfig;
import io.matriarch.ha.config.Secret;
import io.matriarch.ha.loop.AgentHolder;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.MemberView;
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
     * @param repository directory of the backups
     * @param ownRepository whether that is the one in the state directory, because none was configured
     * @param work directory for what is needed for the time of a job
     * @param format word of the format
     * @param keep how many verified backups
     * @param verify whether each new one is verified at once
     * @param wal whether WAL is received
     * @param walSegmentTime after this time a segment with a transaction in it is ended, so that it can be stored
     */
    public record Settings(
            String scope,
            Path repository,
            boolean ownRepository,
            Path work,
            String format,
            int keep,
            boolean verify,
            boolean wal,
            Duration walSegmentTime,
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
                backup.repository().isEmpty(),
                state.resolve("work"),
                backup.format(),
                backup.keep(),
                backup.verify(),
                backup.wal(),
                Duration.ofSeconds(backup.walTimeoutSeconds()),
                config.node());
    }

    /**
     * Reads from etcd who leads; empty when nobody does or its member key is missing. Blocks.
     *
     * @throws IOException if etcd cannot be asked
     */
    public Optional<Leader> leader() throws IOException {
        var cluster = read();
        return cluster.leader().flatMap(key -> cluster.leaderMember().map(member -> leader(key, member)));
    }

    /**
     * A member as its own key shows it; whether it runs is not said by that.
     *
     * @param host where its PostgreSQL listens
     */
    public record Member(String member, String host, int port) {}

    /**
     * Reads from etcd which members there are. Blocks.
     *
     * @throws IOException if etcd cannot be asked
     */
    public List<Member> members() throws IOException {
        return read().members().values().stream().map(BackupFacts::member).toList();
    }

    private static Member member(MemberView member) {
        var at = URI.create(member.report().connUrl());
        return new Member(member.name().value(), String.valueOf(at.getHost()).replaceAll("[\\[\\]]", ""), at.getPort());
    }

    private ClusterView read() throws IOException {
        var agent = holder.agent().orElseThrow(() -> new IOException("the agent of this machine is not running yet"));
        try {
            return agent.ports().dcs().read();
        } catch (DcsUnavailableException e) {
            throw new IOException("etcd cannot be asked: " + e.getMessage(), e);
        }
    }

    private static Leader leader(LeaderKey key, MemberView member) {
        var at = member(member);
        return new Leader(
                at.member(),
                key.createRevision().value(),
                at.host(),
                at.port(),
                member.report().apiUrl());
    }
}
