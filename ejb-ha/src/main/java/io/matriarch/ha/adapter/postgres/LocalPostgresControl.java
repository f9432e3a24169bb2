package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.config.DynamicConfig;
import io.matriarch.ha.config.InitialConfig;
import io.matriarch.ha.config.LocalConfig;
import io.matriarch.ha.config.Note;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.port.FenceKeeper.StartCommand;
import io.matriarch.ha.port.PostgresControl;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Changes the local PostgreSQL. The loop thread and the slow worker may call it at the same time: files are written under one lock, and a
 * job works in a directory of its own until it is done.
 */
public final class LocalPostgresControl implements PostgresControl {
    private static final Logger LOG = Logger.getLogger(LocalPostgresControl.class);
    private static final int FOLLOWS_BY_RELOAD_SINCE = 13;
    private static final Duration VERSION_LIMIT = Duration.ofSeconds(10);

    private final Path stateDir;
    private final PostgresTools tools;
    private final PgConnections connections;
    private final Nudge nudge;
    private final ServerCommands server;
    private final ConfigFiles files = new ConfigFiles();
    private final SlotKeeper slots;
    private final Hooks hooks;
    private final CallbackTrigger callbacks;
    private final int programVersion;
    private final Set<Note> noted = new HashSet<>();
    private final AtomicBoolean forgetting = new AtomicBoolean();
    private volatile PostgresSettings settings;

    /**
     * Reads the cached dynamic configuration; asks the programs for their version. Starts and changes nothing, except that the directory
     * of a rewind that ended in the middle is made unusable.
     *
     * @param stateDir the member's state directory; must exist
     * @param nudge for a promotion
     */
    public LocalPostgresControl(
            LocalConfig local, Path stateDir, PgConnections connections, PostgresTools tools, Nudge nudge)
            throws PostgresException {
        this.stateDir = stateDir;
        this.tools = tools;
        this.connections = connections;
        this.nudge = nudge;
        this.server = new ServerCommands(connections, tools);
        this.slots = new SlotKeeper(stateDir);
        this.programVersion = programVersion(tools);
        new UnfinishedRewind(stateDir).settle(local.node().dataDir());
        deleteLeftPassword(stateDir);
        this.settings = PostgresSettings.of(local, cachedConfig(local), stateDir, programVersion);
        this.hooks = new Hooks(tools, () -> settings.config(), local.scope().name());
        this.callbacks = new CallbackTrigger(hooks::fire);
        files.writePasswords(settings);
    }

    /** The programs of this member's PostgreSQL, with its password file. */
    public static PostgresTools tools(LocalConfig local, Path stateDir) {
        Path passwords = local.node().pgpass().orElse(stateDir.resolve("pgpass"));
        return new PostgresTools(name -> local.node().program(name), List.of(), Optional.of(passwords));
    }

    /** Whether a reload would write anything; for each look. Reads three small files. */
    public boolean settingsChanged() {
        return files.differs(settings);
    }

    @Override
    public synchronized void configure(String dynamicConfigJson) {
        if (!dynamicConfigJson.equals(settings.dynamicJson())) {
            use(settings.local(), dynamicConfigJson);
        }
    }

    @Override
    public synchronized Optional<String> lastConfiguration() {
        return Optional.of(settings.dynamicJson())
                .filter(json -> DynamicConfig.object(json).isPresent());
    }

    /** Takes a changed file of the member; what needs a restart of the agent (data directory, name) must be the same. */
    public synchronized void configure(LocalConfig local) {
        use(local, settings.dynamicJson());
    }

    private void use(LocalConfig local, String json) {
        settings = PostgresSettings.of(local, json, stateDir, programVersion);
        for (Note note : settings.effective().notes()) {
            if (noted.add(note)) {
                LOG.warnf("configuration: %s", note);
            }
        }
        try {
            ConfigFiles.remember(settings);
            files.writePasswords(settings);
        } catch (PostgresException e) {
            LOG.error("the passwords for replication or patroni.dynamic.json may be old", e);
        }
    }

    @Override
    public StartCommand prepareStartAsPrimary() throws PostgresException {
        PostgresSettings now = usable();
        keepForGood(now.dataDir());
        files.writeForPrimary(now);
        return StartArguments.primary(tools, now);
    }

    @Override
    public StartCommand prepareStartAsReplica(Upstream upstream) throws PostgresException {
        PostgresSettings now = usable();
        new ReservedTimelines(now.dataDir()).release();
        files.writeForReplica(now, upstream);
        return StartArguments.replica(tools, now);
    }

    @Override
    public void stopUnguarded(Duration bound) throws PostgresException {
        server.stop(settings.dataDir(), bound);
    }

    @Override
    public void promote(Timeline next, Duration bound) throws PostgresException {
        long deadline = System.nanoTime() + bound.toNanos();
        hooks.beforePromote(bound);
        keepForGood(settings.dataDir());
        new ReservedTimelines(settings.dataDir()).reserveBelow(next);
        server.promote(settings.dataDir(), nudge, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    }

    private static void keepForGood(Path dataDir) throws PostgresException {
        try {
            UnprovenClone.clear(dataDir);
        } catch (IOException e) {
            throw new PostgresException("could not take the mark of a clone away from " + dataDir, e);
        }
    }

    @Override
    public boolean follow(Upstream upstream, Duration bound) throws PostgresException {
        PostgresSettings now = settings;
        new ReservedTimelines(now.dataDir()).release();
        files.follow(now, upstream);
        if (now.majorVersion() < FOLLOWS_BY_RELOAD_SINCE) {
            return true;
        }
        if (!server.reload(now.dataDir(), bound)) {
            throw new PostgresException("PostgreSQL does not run: the new upstream is in its files");
        }
        Map<String, String> wanted = new LinkedHashMap<>();
        wanted.put("primary_conninfo", upstream.isNone() ? "" : ConnectionString.ofReplica(now, upstream));
        wanted.put("primary_slot_name", upstream.slotName().orElse(""));
        server.awaitSettings(wanted, bound);
        return false;
    }

    @Override
    public void reload(Duration bound) throws PostgresException {
        files.apply(settings);
        boolean interested = settings.config().callbacks().containsKey("on_reload")
                || !settings.slots().permanent().isEmpty();
        if (server.reload(settings.dataDir(), bound) && interested) {
            afterReload(bound);
        }
    }

    private void afterReload(Duration bound) throws PostgresException {
        try (var connection = server.connect("matriarch reload", bound)) {
            boolean replica = ServerCommands.isInRecovery(connection);
            hooks.fire(Hooks.Event.ON_RELOAD, replica ? "replica" : "primary");
            if (!replica) {
                slots.syncPermanent(connection, settings.slots());
            }
        } catch (SQLException e) {
            throw new PostgresException("after a reload: " + e.getMessage(), e);
        }
    }

    @Override
    public void setSynchronousStandbyNames(String value, Duration bound) throws PostgresException {
        files.standbyNames(settings, value);
        if (!server.reload(settings.dataDir(), bound)) {
            throw new PostgresException("PostgreSQL does not run: synchronous_standby_names is in its files only");
        }
        server.awaitSettings(Map.of("synchronous_standby_names", value), bound);
    }

    @Override
    public void syncSlots(Set<String> wanted, Map<String, Lsn> advanceTo, Duration bound) throws PostgresException {
        try (var connection = server.connect("matriarch slots", bound)) {
            slots.sync(connection, settings.slots(), wanted, advanceTo);
        } catch (SQLException e) {
            throw new PostgresException("replication slots: " + e.getMessage(), e);
        }
    }

    @Override
    public void checkpoint() throws PostgresException {
        try {
            server.checkpoint();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("the checkpoint was cancelled", e);
        }
    }

    @Override
    public SystemIdentifier initialize(Claim claim, Progress progress) throws PostgresException, InterruptedException {
        if (settings.dynamicJson().isBlank()) {
            // The cluster's configuration is written to etcd when there is a cluster; it will be this.
            use(settings.local(), InitialConfig.document(settings.local().bootstrap()));
        }
        return new Initializer(tools, files, hooks).run(settings, claim, progress);
    }

    @Override
    public void cloneFrom(Upstream source, Optional<SystemIdentifier> expected, Progress progress)
            throws PostgresException, InterruptedException {
        new Cloner(tools, new SourceCheck(connections, "matriarch clone"), files)
                .run(settings, source, expected, progress);
        if (settings.dynamicJson().isBlank()) {
            use(settings.local(), cachedConfig(settings.local()));
        }
    }

    @Override
    public void rewind(Upstream leader, SystemIdentifier expected, Timeline leaderTimeline, Progress progress)
            throws PostgresException, InterruptedException {
        usable();
        new Rewinder(tools, connections, files).run(settings, leader, expected, leaderTimeline, progress);
    }

    @Override
    public String salvage(Timeline timeline, Lsn from, Lsn end, Progress progress)
            throws PostgresException, InterruptedException {
        return new WalSalvage(tools).run(settings, timeline, from, end, progress);
    }

    @Override
    public void seen(PostgresState state, PostgresRole role) {
        callbacks.seen(state, role);
    }

    @Override
    public void beforeStop(Duration bound) {
        hooks.beforeStop(bound);
    }

    @Override
    public boolean keepAsReal() {
        try {
            UnprovenClone.clear(settings.dataDir());
            return true;
        } catch (IOException e) {
            LOG.warnf("%s keeps the mark of a clone that was never used: %s", settings.dataDir(), e);
            return false;
        }
    }

    @Override
    public boolean forgetSetAside() {
        if (!keepAsReal()) {
            return false;
        }
        Path dataDir = settings.dataDir();
        try {
            List<Path> asides = DataPlace.of(dataDir).all("aside");
            if (!asides.isEmpty() && forgetting.compareAndSet(false, true)) {
                // Deleting a large directory takes its time, and the loop has none.
                Thread.ofPlatform().daemon().name("matriarch-forget").start(() -> forget(asides));
            }
            return true;
        } catch (IOException | PostgresException e) {
            LOG.warnf("could not look for directories that were set aside beside %s: %s", dataDir, e);
            return false;
        }
    }

    private void forget(List<Path> asides) {
        try {
            for (Path aside : asides) {
                long bytes = DurableFiles.size(aside);
                DataPlace.delete(aside);
                LOG.infof(
                        "deleted %s (%s): the data directory that replaced it has streamed",
                        aside, Cloner.mebibytes(bytes));
            }
        } catch (IOException e) {
            LOG.warnf("could not delete what was set aside: %s", e);
        } finally {
            forgetting.set(false);
        }
    }

    @Override
    public void close() {
        hooks.close();
    }

    /** The settings, if what is in the data directory may be started with them. */
    private PostgresSettings usable() throws PostgresException {
        PostgresSettings now = settings;
        Path data = now.dataDir();
        new UnfinishedRewind(stateDir).settle(data);
        if (!Files.isRegularFile(data.resolve("global").resolve("pg_control"))) {
            throw new PostgresException(data + " holds no complete database cluster");
        }
        try {
            String version =
                    DurableFiles.read(data.resolve("PG_VERSION")).orElse("").strip();
            if (!version.equals(Integer.toString(programVersion))) {
                throw new PostgresException("the data in " + data + " are of PostgreSQL " + version
                        + ", the programs in " + now.config().binDir() + " of " + programVersion);
            }
        } catch (IOException e) {
            throw new PostgresException("could not read " + data.resolve("PG_VERSION"), e);
        }
        files.writePasswords(now);
        return now;
    }

    private static void deleteLeftPassword(Path stateDir) throws PostgresException {
        Path file = Initializer.passwordFile(stateDir);
        try {
            DurableFiles.delete(file);
        } catch (IOException e) {
            throw new PostgresException("could not delete " + file + ", which holds a password", e);
        }
    }

    /** What the cluster's configuration was when this member last knew it; then it can start without etcd as it ran before. */
    private static String cachedConfig(LocalConfig local) throws PostgresException {
        Path cache = local.node().dataDir().resolve("patroni.dynamic.json");
        try {
            return DurableFiles.read(cache).orElse("");
        } catch (IOException e) {
            throw new PostgresException("could not read " + cache, e);
        }
    }

    private static int programVersion(PostgresTools tools) throws PostgresException {
        try {
            String said = tools.run("postgres", List.of("--version"), VERSION_LIMIT)
                    .orThrow()
                    .output();
            var version = java.util.regex.Pattern.compile("\\) ([0-9]{2})").matcher(said);
            if (!version.find()) {
                throw new PostgresException("not a known version of PostgreSQL: " + said.strip());
            }
            return Integer.parseInt(version.group(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("interrupted while asking for PostgreSQL's version", e);
        }
    }
}
