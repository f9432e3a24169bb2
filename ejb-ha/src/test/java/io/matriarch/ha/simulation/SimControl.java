package io.matriarch.ha.simulation;

import io.matriarch.ha.model.ControlFacts.ControlState;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.port.FenceKeeper;
import io.matriarch.ha.port.PostgresControl;
import io.matriarch.ha.port.PostgresException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What an agent can do to its own PostgreSQL and its files. Whatever destroys is checked for its licence by the world. */
final class SimControl implements PostgresControl {
    private static final FenceKeeper.StartCommand START =
            new FenceKeeper.StartCommand(List.of("postgres"), "/data", "/log/postgresql.log");

    private final SimWorld world;
    private final SimProcess process;
    private final SimPostgres postgres;
    private final SimSettings settings;

    SimControl(SimWorld world, SimProcess process, SimPostgres postgres, SimSettings settings) {
        this.world = world;
        this.process = process;
        this.postgres = postgres;
        this.settings = settings;
    }

    private SimPostgres.Disk disk() {
        return postgres.disk();
    }

    private void quick() {
        process.crashPoint();
        process.sleep(world.random(200, 3000) * EventScheduler.MICRO);
    }

    private void mustRun(String what) throws PostgresException {
        if (!postgres.answers() || postgres.refusesAgent()) {
            throw new PostgresException(what + ": PostgreSQL does not answer");
        }
    }

    private void slowOrFail(String what, double share) throws PostgresException {
        if (world.chance(share)) {
            throw new PostgresException(what + ": simulated failure");
        }
    }

    @Override
    public void configure(String dynamicConfigJson) {
        process.crashPoint();
        settings.want(dynamicConfigJson);
    }

    @Override
    public Optional<String> lastConfiguration() {
        return Optional.of(settings.wanted()).filter(text -> !text.isEmpty());
    }

    @Override
    public FenceKeeper.StartCommand prepareStartAsPrimary() throws PostgresException {
        quick();
        mustBeReadable();
        disk().standbySignal = false;
        settings.write();
        quick();
        return START;
    }

    @Override
    public FenceKeeper.StartCommand prepareStartAsReplica(Upstream upstream) throws PostgresException {
        quick();
        mustBeReadable();
        disk().standbySignal = true;
        disk().upstream = Optional.of(upstream);
        settings.write();
        quick();
        return START;
    }

    private void mustBeReadable() throws PostgresException {
        if (disk().unreadable || disk().data != DataDirectory.PRESENT) {
            throw new PostgresException("writing the configuration: the data directory is not there");
        }
    }

    @Override
    public void promote(Timeline next, Duration bound) throws PostgresException {
        quick();
        mustRun("pg_promote");
        if (postgres.isPrimary() || postgres.isPromoting()) {
            throw new PostgresException("pg_promote: recovery is not in progress");
        }
        world.promotionRequested(postgres.name());
        postgres.promote(next);
        quick();
    }

    @Override
    public boolean follow(Upstream upstream, Duration bound) throws PostgresException {
        quick();
        disk().upstream = Optional.of(upstream);
        if (postgres.answers() && !postgres.isPrimary()) {
            postgres.receiver().begin();
        }
        return false;
    }

    @Override
    public void stopUnguarded(Duration bound) throws PostgresException {
        quick();
        if (!postgres.isDown()) {
            postgres.stop(StopMode.FAST);
            long until = process.now() + process.clock().trueNanos(EventScheduler.nanos(bound));
            while (!postgres.isDown() && process.now() < until) {
                process.sleep(20 * EventScheduler.MILLI);
            }
        }
    }

    @Override
    public void reload(Duration bound) throws PostgresException {
        quick();
        settings.write();
    }

    @Override
    public void setSynchronousStandbyNames(String value, Duration bound) throws PostgresException {
        quick();
        if (!postgres.isDown()) {
            mustRun("synchronous_standby_names");
        }
        process.sleep(world.random(1, 20) * EventScheduler.MILLI);
        postgres.setStandbyNames(value);
        world.trace(postgres.name(), "synchronous_standby_names = '" + value + "'");
        quick();
    }

    @Override
    public void syncSlots(Set<String> wanted, Map<String, Lsn> advanceTo, Duration bound) throws PostgresException {
        quick();
        mustRun("slots");
        disk().slots.retainAll(wanted);
        for (var slot : wanted) {
            if (disk().slots.size() < disk().maxSlots) {
                disk().slots.add(slot);
            }
        }
        if (!disk().slots.containsAll(wanted)) {
            throw new PostgresException("slots: all replication slots are in use");
        }
    }

    @Override
    public void checkpoint() throws PostgresException {
        quick();
        mustRun("CHECKPOINT");
        process.sleep(world.random(20, 600) * EventScheduler.MILLI + disk().checkpointTakes);
        mustRun("CHECKPOINT");
        postgres.checkpoint();
    }

    @Override
    public SystemIdentifier initialize(Claim claim, Progress progress) throws PostgresException, InterruptedException {
        quick();
        world.check(
                disk().data == DataDirectory.EMPTY && !disk().unreadable,
                () -> postgres.name() + " runs initdb in a directory that is " + disk().data);
        work(progress, "initdb", world.random(300, 1500));
        if (world.initdbFails()) {
            throw new PostgresException("initdb: simulated failure");
        }
        slowOrFail("initdb", world.jobFailure());
        if (!claim.isOurs()) {
            throw new PostgresException("initdb: the claim is another's");
        }
        disk().data = DataDirectory.PRESENT;
        disk().system = Optional.of(world.nextSystem());
        disk().wal = Wal.first(world.nextBranch(), SimPostgres.WAL_START);
        disk().state = ControlState.SHUT_DOWN;
        disk().checkpoint = disk().wal.end();
        disk().standbySignal = false;
        disk().slots.clear();
        disk().standbyNames = "";
        world.trace(postgres.name(), "initdb made system " + disk().system.orElseThrow());
        return disk().system.orElseThrow();
    }

    private void work(Progress progress, String step, long millis) throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            progress.report(step, i * 25L, Optional.of(100L));
            process.interruptibleSleep(millis * EventScheduler.MILLI / 4);
        }
    }

    @Override
    public void cloneFrom(Upstream source, Optional<SystemIdentifier> expected, Progress progress)
            throws PostgresException, InterruptedException {
        quick();
        world.check(postgres.isDown(), () -> postgres.name() + " is cloned while PostgreSQL runs");
        world.check(!disk().unreadable, () -> postgres.name() + " is cloned into a directory that cannot be read");
        var from = reachable(source, "pg_basebackup");
        expectSystem(from, expected);
        if (disk().data == DataDirectory.PRESENT) {
            disk().setAside.add(disk().wal);
        }
        disk().data = DataDirectory.INCOMPLETE;
        world.trace(postgres.name(), "cloning from " + from.name());
        long run = from.run();
        work(progress, "base backup", world.random(400, 3000));
        slowOrFail("pg_basebackup", world.jobFailure());
        reachable(source, "pg_basebackup");
        if (from.run() != run) {
            throw new PostgresException("pg_basebackup: the connection was lost");
        }
        disk().streamedSinceClone = false;
        disk().data = DataDirectory.PRESENT;
        disk().system = from.disk().system;
        disk().wal = from.disk().wal;
        disk().checkpoint = from.disk().checkpoint;
        disk().state = ControlState.IN_ARCHIVE_RECOVERY;
        disk().standbySignal = true;
        disk().upstream = Optional.of(source);
        disk().slots.clear();
        disk().standbyNames = "";
        world.trace(postgres.name(), "cloned from " + from.name() + " at " + postgres.position());
    }

    private SimPostgres reachable(Upstream source, String what) throws PostgresException {
        var from = world.host(source.host()).postgres();
        if (!from.answers() || !world.network().delivers(postgres.name(), from.name(), true)) {
            throw new PostgresException(what + " from " + source.host() + ": cannot connect");
        }
        return from;
    }

    private static void expectSystem(SimPostgres from, Optional<SystemIdentifier> expected) throws PostgresException {
        if (expected.isPresent() && !expected.equals(from.disk().system)) {
            throw new PostgresException(from.name() + " is another system than " + expected.get());
        }
    }

    @Override
    public void rewind(Upstream leader, SystemIdentifier expected, Timeline leaderTimeline, Progress progress)
            throws PostgresException, InterruptedException {
        quick();
        world.check(postgres.isDown(), () -> postgres.name() + " is rewound while PostgreSQL runs");
        world.check(
                !disk().unreadable && disk().data == DataDirectory.PRESENT,
                () -> postgres.name() + " rewinds a directory that is not there");
        var from = reachable(leader, "pg_rewind");
        expectSystem(from, Optional.of(expected));
        if (!from.isPrimary()) {
            throw new PostgresException("pg_rewind: " + from.name() + " is in recovery");
        }
        if (disk().wal.mayStreamFrom(from.disk().wal)) {
            // It compares timeline numbers and positions only.
            world.trace(postgres.name(), "pg_rewind: no rewind required");
            disk().standbySignal = true;
            return;
        }
        world.rewinds(postgres, from);
        world.trace(postgres.name(), "rewinding from " + postgres.position() + " onto " + from.name());
        work(progress, "rewind", world.random(100, 500));
        slowOrFail("pg_rewind before it changed anything", world.jobFailure());
        disk().data = DataDirectory.INCOMPLETE;
        long run = from.run();
        work(progress, "rewind", world.random(100, 1000));
        slowOrFail("pg_rewind half way", world.jobFailure());
        if (from.run() != run || !world.network().delivers(postgres.name(), from.name(), true)) {
            throw new PostgresException("pg_rewind: the connection was lost");
        }
        disk().data = DataDirectory.PRESENT;
        disk().wal = from.disk().wal;
        disk().checkpoint = from.disk().checkpoint;
        disk().state = ControlState.IN_ARCHIVE_RECOVERY;
        disk().standbySignal = true;
        disk().upstream = Optional.of(leader);
        world.trace(postgres.name(), "rewound to " + postgres.position());
    }

    @Override
    public String salvage(Timeline timeline, Lsn from, Lsn end, Progress progress)
            throws PostgresException, InterruptedException {
        quick();
        work(progress, "salvage", world.random(20, 300));
        slowOrFail("salvage", world.jobFailure());
        disk().wal.pieces().stream()
                .filter(p -> p.timeline() >= timeline.id())
                .forEach(p -> disk().salvaged.add(new SimPostgres.Salvaged(p.branch(), from.bytes(), end.bytes())));
        world.trace(postgres.name(), "saved its WAL from " + from + " to " + end);
        return "/diverged";
    }

    @Override
    public boolean keepAsReal() {
        return true;
    }

    @Override
    public boolean forgetSetAside() {
        process.crashPoint();
        if (!disk().setAside.isEmpty()) {
            world.check(
                    disk().streamedSinceClone,
                    () -> postgres.name() + " forgets the old data before the new has streamed");
            disk().setAside.clear();
        }
        return true;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
