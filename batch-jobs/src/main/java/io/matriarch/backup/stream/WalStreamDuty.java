package io.matriarch.backup.stream;

import io.matriarch.backup.WalBoard;
import io.matriarch.backup.WalStatus;
import io.matriarch.backup.base.Login;
import io.matriarch.backup.base.Source;
import io.matriarch.backup.manager.Duty;
import io.matriarch.backup.manager.Tenure;
import io.matriarch.backup.repository.FencedRepository;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.BackupFacts.Settings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Receives WAL while this manager is the elected one. */
@ApplicationScoped
public class WalStreamDuty implements Duty {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    private final BackupFacts cluster;
    private final WalBoard board;
    private Optional<WalStream> running = Optional.empty();

    /** For the container's proxy. */
    protected WalStreamDuty() {
        this(BackupFacts.none(), new WalBoard());
    }

    @Inject
    public WalStreamDuty(BackupFacts cluster, WalBoard board) {
        this.cluster = cluster;
        this.board = board;
    }

    @Override
    public synchronized void begin(Tenure tenure) {
        var settings = cluster.settings();
        if (settings.isEmpty()) {
            return;
        }
        var servers = servers(settings.get());
        if (!settings.get().wal()) {
            board.shows(WalStatus.off("matriarch.backup.wal is off", Instant.now()));
            Thread.ofPlatform().daemon().name("matriarch-wal-off").start(() -> giveFree(servers));
            return;
        }
        var parts = new WalStream.Parts(
                members(settings.get()),
                servers,
                () -> new FencedRepository(Repositories.open(settings.get()), tenure),
                settings.get().work().resolve("wal"),
                settings.get().walSegmentTime());
        var stream = new WalStream(parts, tenure.held(), board::shows, Clock.systemUTC());
        running = Optional.of(stream);
        Thread.ofPlatform().daemon().name("matriarch-wal").start(() -> run(stream));
    }

    /** A bug must not end the stream without a word: its slot would keep WAL for ever. */
    private void run(WalStream stream) {
        try {
            stream.run();
        } catch (RuntimeException e) {
            stream.end();
            LOG.error("[wal-stream-broken] the WAL stream ended by an error of its own; restart the manager", e);
            board.shows(WalStatus.broken("it ended by an error of its own: " + e, Instant.now()));
        }
    }

    @Override
    public synchronized void end() {
        running.ifPresent(WalStream::end);
        running = Optional.empty();
    }

    private WalCluster members(Settings settings) {
        return new WalCluster() {
            @Override
            public Optional<Source> leader() throws IOException {
                return cluster.leader().map(l -> new Source(l.member(), l.host(), l.port(), settings.database()));
            }

            @Override
            public List<Source> members() throws IOException {
                return cluster.members().stream()
                        .map(m -> new Source(m.name(), m.host(), m.port(), settings.database()))
                        .toList();
            }
        };
    }

    private static Servers servers(Settings settings) {
        return new Servers(
                new Login(settings.superuser(), settings.superuserPassword()),
                new Login(settings.replicationUser(), settings.replicationPassword()));
    }

    /** Slots of a stream that was switched off would fill every member's disk. */
    private void giveFree(Servers servers) {
        var settings = cluster.settings();
        var slots = new SlotSteward(servers);
        try {
            for (var member : settings.isPresent() ? members(settings.get()).members() : List.<Source>of()) {
                try {
                    slots.drop(member);
                } catch (IOException e) {
                    LOG.warnf(
                            "[wal-slot] %s keeps WAL for a stream that is switched off: %s",
                            member.member(), e.getMessage());
                }
            }
        } catch (IOException e) {
            LOG.warnf(
                    "[wal-slot] the slots of the WAL stream, which is switched off, are still there: %s",
                    e.getMessage());
        }
    }
}
