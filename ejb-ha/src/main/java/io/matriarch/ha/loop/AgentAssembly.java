package io.matriarch.ha.loop;

import io.matriarch.ha.adapter.etcd.EtcdDcs;
import io.matriarch.ha.adapter.etcd.EtcdSettings;
import io.matriarch.ha.adapter.etcd.SrvRecords;
import io.matriarch.ha.adapter.fence.FenceClient;
import io.matriarch.ha.adapter.fence.FenceSettings;
import io.matriarch.ha.adapter.peer.HttpPeerProbe;
import io.matriarch.ha.adapter.peer.PeerSettings;
import io.matriarch.ha.adapter.peer.PeerTls;
import io.matriarch.ha.adapter.postgres.LocalPostgresControl;
import io.matriarch.ha.adapter.postgres.LocalPostgresProbe;
import io.matriarch.ha.adapter.postgres.PgConnections;
import io.matriarch.ha.adapter.postgres.PgPaths;
import io.matriarch.ha.adapter.postgres.PostgresSettings;
import io.matriarch.ha.adapter.postgres.PostgresTools;
import io.matriarch.ha.adapter.postgres.SeenTimelines;
import io.matriarch.ha.adapter.system.FileDecisionJournal;
import io.matriarch.ha.adapter.system.SystemClock;
import io.matriarch.ha.adapter.system.ThreadSlowWorker;
import io.matriarch.ha.config.DynamicConfig;
import io.matriarch.ha.config.EtcdConfig;
import io.matriarch.ha.config.InitialConfig;
import io.matriarch.ha.config.LocalConfig;
import io.matriarch.ha.config.MemberConfig;
import io.matriarch.ha.config.Note;
import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.MonotonicClock;
import io.matriarch.ha.port.PostgresException;
import io.matriarch.ha.port.StatusBoard;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Puts the real adapters together for one member: the only place that knows all of them. */
final class AgentAssembly {
    private static final Logger LOG = Logger.getLogger("io.matriarch");
    private static final Duration FENCE_ANSWER = Duration.ofMillis(700);
    private static final Duration FENCE_START = Duration.ofSeconds(10);

    private final MemberConfig current;
    private final LocalConfig config;
    private final Path stateDir;
    private final Path home;
    private final Set<Note> noted = new HashSet<>();
    private final SeenTimelines timelines = new SeenTimelines();
    private Optional<EtcdDcs> connected = Optional.empty();

    /**
     * @param stateDir the member's state directory
     * @param home Matriarch's {@code deploy} directory, which holds the fence program
     */
    AgentAssembly(MemberConfig current, Path stateDir, Path home) {
        this.current = current;
        this.config = current.now();
        this.stateDir = stateDir;
        this.home = home;
    }

    Identity identity(String version) {
        return new Identity(
                config.name(),
                config.scope(),
                () -> current.now().tags(),
                config.node().connUrl(),
                config.restapi().apiUrl(),
                config.node().proxyUrl(),
                version,
                InitialConfig.document(config.bootstrap()));
    }

    /** @throws DcsUnavailableException when etcd cannot be found by its SRV records */
    Ports ports(StatusBoard board, WakeUps wakeUps) throws PostgresException, DcsUnavailableException {
        var clock = new SystemClock();
        var connections = connections();
        var tools = tools();
        var fence = new FenceClient(new FenceSettings(
                home.resolve("fence").resolve("matriarch-fence"),
                stateDir.resolve("fence"),
                config.name(),
                FENCE_ANSWER,
                FENCE_START));
        var control = new LocalPostgresControl(config, stateDir, connections, tools, fence::nudge);
        var peers = new HttpPeerProbe(peers(), clock);
        current.onChange(changed -> {
            control.configure(changed);
            peers.use(peers());
        });
        return new Ports(
                dcs(clock, control::lastConfiguration),
                new LocalPostgresProbe(paths(), connections, tools, control::settingsChanged, timelines),
                control,
                fence,
                peers,
                clock,
                new ThreadSlowWorker(clock, () -> wakeUps.wake("job ended")),
                new FileDecisionJournal(stateDir.resolve("journal")),
                board);
    }

    /** A second look with a session of its own, for those who ask over HTTP: the loop's belongs to the loop. */
    LiveLook liveLook(MonotonicClock clock) {
        return new LiveLook(new LocalPostgresProbe(paths(), connections(), tools(), () -> false, timelines), clock);
    }

    private PgConnections connections() {
        var node = config.node();
        var local = node.listen().local();
        var authentication = node.authentication();
        return new PgConnections(
                local.host(),
                local.port(),
                node.database(),
                PostgresSettings.login(authentication.superuser()),
                PostgresSettings.login(authentication.replication()),
                PostgresSettings.login(authentication.rewind()));
    }

    private PostgresTools tools() {
        var passwordFile = config.node().pgpass().orElse(stateDir.resolve("pgpass"));
        return new PostgresTools(config.node()::program, List.of(), Optional.of(passwordFile));
    }

    private PgPaths paths() {
        var node = config.node();
        return new PgPaths(node.dataDir(), node.configDir().resolve(node.configBaseName() + ".conf"));
    }

    /**
     * The connection to the DCS; of an agent the one that its ports use.
     *
     * @throws DcsUnavailableException when etcd cannot be found by its SRV records
     */
    ClusterStore store() throws DcsUnavailableException {
        var dcs = connected.isPresent() ? connected.get() : dcs(new SystemClock(), Optional::empty);
        return new ClusterStore(dcs, dcs.managers());
    }

    /** @param last the configuration that this member knew last, for a key that was lost */
    private EtcdDcs dcs(MonotonicClock clock, Supplier<Optional<String>> last) throws DcsUnavailableException {
        EtcdConfig etcd = config.etcd();
        var login = etcd.credentials()
                .map(c -> new EtcdSettings.Login(c.username(), c.password().reveal()));
        var settings =
                new EtcdSettings(endpoints(etcd), login, new EtcdSettings.Tls(etcd.cacert(), etcd.cert(), etcd.key()));
        var dcs = new EtcdDcs(
                settings, config.scope(), (json, foreign) -> readConfig(json.or(last::get), foreign), clock);
        connected = Optional.of(dcs);
        return dcs;
    }

    /** As Patroni: what SRV records name goes before hosts that are listed, and these are what is left when they name none. */
    private static List<URI> endpoints(EtcdConfig etcd) throws DcsUnavailableException {
        if (etcd.srv().isEmpty()) {
            return etcd.endpoints();
        }
        try {
            var found = SrvRecords.ofSystem().endpoints(etcd.srv().get(), etcd.srvSuffix());
            LOG.infof("[etcd-found] SRV records of %s name %s", etcd.srv().get(), found);
            return found;
        } catch (DcsUnavailableException e) {
            if (etcd.endpoints().isEmpty()) {
                throw e;
            }
            LOG.warnf("[etcd-not-found] etcd cannot be found: %s; the listed hosts are used", e.getMessage());
            return etcd.endpoints();
        }
    }

    /** Corrections of the dynamic configuration are told once each. */
    private ClusterConfig readConfig(Optional<String> json, boolean foreignMembers) {
        var dynamic = DynamicConfig.of(json, current.now(), foreignMembers);
        for (var note : dynamic.notes()) {
            if (noted.add(note)) {
                LOG.warnf("[config-corrected] %s", note);
            }
        }
        return dynamic.cluster();
    }

    private PeerSettings peers() {
        var config = current.now();
        var login = config.clientLogin()
                .map(c -> new PeerSettings.Login(c.username(), c.password().reveal()));
        // Like Patroni's agents, ours does not check its peers' certificates unless an authority is named for that.
        var cacert =
                config.ctl().insecure() ? Optional.<Path>empty() : config.ctl().cacert();
        return new PeerSettings(login, PeerTls.context(cacert, config.clientProof()));
    }
}
