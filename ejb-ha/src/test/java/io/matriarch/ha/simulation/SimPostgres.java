package io.matriarch.ha.simulation;

import io.matriarch.ha.model.ControlFacts;
import io.matriarch.ha.model.ControlFacts.ControlState;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One member's data directory and the PostgreSQL that runs on it. A commit is a number of bytes of WAL, flushed before it is
 * acknowledged; a crash loses nothing that was flushed.
 */
final class SimPostgres {
    static final long WAL_START = 0x1000000L;
    private static final long CHECKPOINT_RECORD = 120;

    /** What the postmaster does. */
    enum Phase {
        DOWN,
        STARTING,
        RUNNING,
        STOPPING
    }

    /** What a stop signal from outside of PostgreSQL has frozen. */
    enum Freeze {
        NOTHING,
        POSTMASTER,
        EVERYTHING
    }

    private final SimWorld world;
    private final String name;
    private Disk disk = new Disk();
    private final TreeMap<String, Long> flushedBy = new TreeMap<>();
    private final Set<WalReceiver> receivers = new java.util.LinkedHashSet<>();
    private final WalReceiver receiver;
    private Phase phase = Phase.DOWN;
    private Freeze freeze = Freeze.NOTHING;
    private boolean postmaster;
    private boolean sessions;
    private boolean primary;
    private boolean promoting;
    private Timeline promotingTo = new Timeline(1);
    private SyncNames standbyNames = SyncNames.NONE;
    private String standbyNamesText = "";
    private long pid;
    private long life;
    private long run;
    private long startedAt;
    private long acknowledgedTo;
    private boolean byHand;
    private boolean refusesAgent;
    private Runnable onPostmasterGone = () -> {};
    private Runnable onAllGone = () -> {};

    SimPostgres(SimWorld world, String name) {
        this.world = world;
        this.name = name;
        this.receiver = new WalReceiver(world, this);
    }

    /** What is on disk and survives everything but a clone. */
    static final class Disk {
        DataDirectory data = DataDirectory.EMPTY;
        boolean unreadable;
        boolean walFull;
        Optional<SystemIdentifier> system = Optional.empty();
        Wal wal = Wal.first(0, WAL_START);
        ControlState state = ControlState.SHUT_DOWN;
        long checkpoint = WAL_START;
        boolean standbySignal;
        Optional<Upstream> upstream = Optional.empty();
        String standbyNames = "";
        Set<String> slots = new TreeSet<>();
        int maxSlots = 10;
        long checkpointTakes;
        boolean streamedSinceClone;
        List<Wal> setAside = new ArrayList<>();
        List<Salvaged> salvaged = new ArrayList<>();

        /** A complete data directory that never belonged to this cluster. */
        static Disk ofAnotherCluster(SimWorld world) {
            var disk = new Disk();
            disk.data = DataDirectory.PRESENT;
            disk.system = Optional.of(world.nextSystem());
            disk.wal = Wal.first(world.nextBranch(), WAL_START);
            disk.checkpoint = disk.wal.end();
            return disk;
        }
    }

    record Salvaged(long branch, long from, long end) {}

    void parent(Runnable postmasterGone, Runnable allGone) {
        onPostmasterGone = postmasterGone;
        onAllGone = allGone;
    }

    String name() {
        return name;
    }

    Disk disk() {
        return disk;
    }

    Phase phase() {
        return phase;
    }

    long pid() {
        return postmaster ? pid : 0;
    }

    /** Of the postmaster that the fence is the parent of. */
    long guardedPid() {
        return byHand ? 0 : pid();
    }

    boolean isByHand() {
        return byHand;
    }

    boolean refusesAgent() {
        return refusesAgent;
    }

    void refuseAgent(boolean refuses) {
        refusesAgent = refuses;
    }

    /** Another volume at the place of the data directory; nothing of PostgreSQL lives. */
    Disk swapVolume(Disk other) {
        world.check(phase == Phase.DOWN, () -> name + " gets another volume while PostgreSQL runs");
        var before = disk;
        disk = other;
        return before;
    }

    /** The number of the present start; its WAL senders live until all of it is gone. */
    long run() {
        return run;
    }

    long startedAt() {
        return startedAt;
    }

    boolean isPrimary() {
        return primary;
    }

    boolean isPromoting() {
        return promoting;
    }

    boolean isDown() {
        return phase == Phase.DOWN;
    }

    boolean isFrozen() {
        return freeze != Freeze.NOTHING;
    }

    boolean isWhollyFrozen() {
        return freeze == Freeze.EVERYTHING;
    }

    WalReceiver receiver() {
        return receiver;
    }

    Set<WalReceiver> receivers() {
        return receivers;
    }

    Map<String, Long> flushedBy() {
        return flushedBy;
    }

    String standbyNamesInForce() {
        return standbyNamesText;
    }

    SyncNames syncNames() {
        return standbyNames;
    }

    /** Whether some session of it could be told "committed" right now, for want of nothing but standbys. */
    boolean canWrite() {
        return sessions && primary && freeze != Freeze.EVERYTHING;
    }

    /** Whether a connection would be answered. */
    boolean answers() {
        return postmaster && phase == Phase.RUNNING && freeze == Freeze.NOTHING;
    }

    // ---- life
    // ---------------------------------------------------------------------------------------------------------

    /** Somebody starts a replica with {@code pg_ctl}; says whether there was one to start. */
    boolean startByHand() {
        if (!isDown() || disk.data != DataDirectory.PRESENT || !disk.standbySignal || disk.unreadable) {
            return false;
        }
        start();
        byHand = true;
        return true;
    }

    void start() {
        byHand = false;
        world.check(phase == Phase.DOWN, () -> name + " starts a second postmaster");
        long mine = ++life;
        run++;
        pid = world.nextPid();
        postmaster = true;
        phase = Phase.STARTING;
        startedAt = world.scheduler().now();
        primary = !disk.standbySignal;
        promoting = false;
        if (disk.data != DataDirectory.PRESENT || disk.walFull) {
            later(mine, 20 * EventScheduler.MILLI, () -> gone(false));
            return;
        }
        boolean clean = disk.state == ControlState.SHUT_DOWN || disk.state == ControlState.SHUT_DOWN_IN_RECOVERY;
        if (primary && !clean) {
            disk.state = ControlState.IN_CRASH_RECOVERY;
        }
        long takes = world.host(name).isSlowStart()
                ? world.random(4000, 12000) * EventScheduler.MILLI
                : world.startDuration(clean);
        world.trace(name, "PostgreSQL starts as " + (primary ? "primary" : "replica") + " at " + position());
        later(mine, takes, this::ready);
    }

    private void ready() {
        if (freeze != Freeze.NOTHING) {
            later(life, 100 * EventScheduler.MILLI, this::ready);
            return;
        }
        boolean recovered = disk.state == ControlState.IN_CRASH_RECOVERY;
        phase = Phase.RUNNING;
        if (primary) {
            if (recovered) {
                checkpoint();
            }
            disk.state = ControlState.IN_PRODUCTION;
            standbyNamesText = disk.standbyNames;
            standbyNames = SyncNames.parse(disk.standbyNames);
            sessions = true;
            acknowledgedTo = disk.wal.end();
        } else {
            disk.state = ControlState.IN_ARCHIVE_RECOVERY;
            sessions = true;
            receiver.begin();
        }
        world.trace(name, "PostgreSQL runs as " + (primary ? "primary" : "replica") + " at " + position());
        world.changed();
    }

    /** Asks for a shutdown as a signal to the postmaster does. */
    void stop(StopMode mode) {
        if (phase == Phase.DOWN) {
            return;
        }
        if (freeze != Freeze.NOTHING && mode != StopMode.IMMEDIATE) {
            return;
        }
        if (mode == StopMode.IMMEDIATE) {
            killEverything(world.random(5, 60) * EventScheduler.MILLI);
            return;
        }
        if (mode == StopMode.SMART || phase == Phase.STOPPING) {
            return;
        }
        boolean wasRunning = phase == Phase.RUNNING;
        phase = Phase.STOPPING;
        sessions = false;
        receiver.end();
        world.trace(name, "PostgreSQL shuts down");
        long mine = life;
        long takes = world.random(30, 200) * EventScheduler.MILLI;
        later(mine, takes, () -> {
            if (primary && wasRunning) {
                checkpoint();
                disk.state = ControlState.SHUT_DOWN;
                awaitReceivers(mine);
            } else {
                disk.state = primary ? disk.state : ControlState.SHUT_DOWN_IN_RECOVERY;
                gone(true);
            }
        });
    }

    /** A primary leaves only after every connected standby has confirmed the shutdown checkpoint. */
    private void awaitReceivers(long mine) {
        if (receivers.stream().allMatch(r -> flushedBy.getOrDefault(r.standby(), 0L) >= disk.wal.end())) {
            gone(true);
        } else {
            later(mine, 5 * EventScheduler.MILLI, () -> awaitReceivers(mine));
        }
    }

    /** {@code kill -9} of the postmaster alone: its sessions live until somebody ends them. */
    void killPostmaster() {
        if (!postmaster) {
            return;
        }
        world.trace(name, "the postmaster was killed");
        postmaster = false;
        life++;
        phase = phase == Phase.RUNNING ? Phase.STOPPING : phase;
        receiver.end();
        // Idle sessions notice by themselves; one in the middle of a command does not before its end.
        later(life, world.random(800, 3000) * EventScheduler.MILLI, () -> gone(false));
        if (!byHand) {
            onPostmasterGone.run();
        }
    }

    /** Ends every process; until it is done, sessions may still be told "committed". */
    void killEverything(long takes) {
        if (phase == Phase.DOWN) {
            return;
        }
        freeze = freeze == Freeze.EVERYTHING ? Freeze.EVERYTHING : Freeze.NOTHING;
        long mine = ++life;
        receiver.end();
        phase = Phase.STOPPING;
        later(mine, takes, () -> gone(false));
    }

    /** The host lost its power. */
    void powerLoss() {
        onAllGone = () -> {};
        onPostmasterGone = () -> {};
        if (phase != Phase.DOWN) {
            gone(false);
        }
    }

    private void gone(boolean clean) {
        life++;
        boolean hadPostmaster = postmaster;
        phase = Phase.DOWN;
        freeze = Freeze.NOTHING;
        postmaster = false;
        sessions = false;
        promoting = false;
        receiver.end();
        List.copyOf(receivers).forEach(WalReceiver::sourceEnded);
        receivers.clear();
        flushedBy.clear();
        world.trace(name, "PostgreSQL is gone" + (clean ? ", cleanly" : "") + " at " + position());
        if (hadPostmaster && !clean && !byHand) {
            onPostmasterGone.run();
        }
        if (!byHand) {
            onAllGone.run();
        }
        byHand = false;
        world.changed();
    }

    void freeze(Freeze what) {
        if (phase != Phase.DOWN) {
            freeze = what;
            world.trace(name, "frozen: " + what);
        }
    }

    void thaw() {
        if (freeze != Freeze.NOTHING) {
            freeze = Freeze.NOTHING;
            world.trace(name, "thawed");
            world.changed();
        }
    }

    private void later(long mine, long delay, Runnable task) {
        world.scheduler().after(delay, () -> {
            if (life == mine) {
                task.run();
            }
        });
    }

    // ---- writing
    // ------------------------------------------------------------------------------------------------------

    /** A client's commit. Acknowledged at once, or when enough standbys have flushed it. */
    void commit(long bytes) {
        if (!canWrite()) {
            return;
        }
        if (disk.walFull) {
            world.trace(name, "PANIC: no space left for WAL");
            killEverything(10 * EventScheduler.MILLI);
            return;
        }
        disk.wal = disk.wal.grownBy(bytes);
        acknowledge();
        receivers.forEach(WalReceiver::pump);
    }

    /** Tells the clients what may be told. */
    void acknowledge() {
        if (!canWrite()) {
            return;
        }
        long to = standbyNames.isEmpty() ? disk.wal.end() : standbyNames.acknowledged(flushedBy);
        if (to > acknowledgedTo) {
            acknowledgedTo = Math.min(to, disk.wal.end());
            world.ledger().acknowledged(name, disk.wal, acknowledgedTo);
        }
    }

    void checkpoint() {
        disk.checkpoint = disk.wal.end();
        disk.wal = disk.wal.grownBy(CHECKPOINT_RECORD);
        receivers.forEach(WalReceiver::pump);
    }

    void setStandbyNames(String text) {
        disk.standbyNames = text;
        if (primary && phase == Phase.RUNNING) {
            standbyNamesText = text;
            standbyNames = SyncNames.parse(text);
            acknowledge();
        }
    }

    // ---- replication
    // --------------------------------------------------------------------------------------------------

    /** The WAL receiver wrote and flushed. */
    void received(Wal log) {
        disk.wal = log;
        receivers.forEach(WalReceiver::pump);
    }

    void confirmedBy(String standby, long flushed) {
        flushedBy.merge(standby, flushed, Math::max);
        acknowledge();
    }

    void promote(Timeline next) {
        promoting = true;
        promotingTo = next;
        world.trace(name, "promotion requested at " + position());
        later(life, world.promoteDuration(), this::promoted);
    }

    private void promoted() {
        if (phase != Phase.RUNNING || freeze != Freeze.NOTHING) {
            if (phase == Phase.RUNNING) {
                later(life, 50 * EventScheduler.MILLI, this::promoted);
            }
            return;
        }
        receiver.end();
        promoting = false;
        primary = true;
        disk.standbySignal = false;
        disk.state = ControlState.IN_PRODUCTION;
        disk.wal = disk.wal.promoted(world.nextBranch(), promotingTo);
        disk.wal = disk.wal.grownBy(CHECKPOINT_RECORD);
        standbyNamesText = disk.standbyNames;
        standbyNames = SyncNames.parse(disk.standbyNames);
        acknowledgedTo = disk.wal.end();
        world.trace(name, "promoted at " + position());
        world.promoted(name, disk.wal);
        receivers.forEach(WalReceiver::pump);
        world.changed();
    }

    ControlFacts control() {
        return new ControlFacts(
                disk.system.orElseThrow(),
                disk.state,
                disk.wal.timeline(),
                new io.matriarch.ha.model.Lsn(disk.checkpoint),
                new io.matriarch.ha.model.Lsn(disk.checkpoint),
                disk.standbySignal ? Optional.of(new io.matriarch.ha.model.Lsn(disk.wal.end())) : Optional.empty());
    }

    String position() {
        return disk.wal.timeline() + "@" + Long.toHexString(disk.wal.end());
    }
}
