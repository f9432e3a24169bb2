package io.matriarch.ha.simulation;

/** A standby's connection to the PostgreSQL that it streams from. */
final class WalReceiver {
    /** {@code wal_receiver_timeout} and {@code wal_sender_timeout}: how long a silent peer is believed in. */
    static final long SILENCE_LIMIT = 5 * EventScheduler.SECOND;

    private static final long RETRY = 300 * EventScheduler.MILLI;

    private final SimWorld world;
    private final SimPostgres local;
    private SimPostgres source;
    private long sourceRun;
    private long session;
    private boolean pumping;
    private long lastHeard;
    private long confirmed;

    WalReceiver(SimWorld world, SimPostgres local) {
        this.world = world;
        this.local = local;
    }

    String standby() {
        return local.name();
    }

    boolean isStreaming() {
        return source != null;
    }

    /** Up to where the source is known to be written. */
    long sourceEnd() {
        return source == null ? 0 : confirmed;
    }

    void begin() {
        end();
        long mine = session;
        world.scheduler().after(world.random(1, 20) * EventScheduler.MILLI, () -> connect(mine));
    }

    void end() {
        session++;
        pumping = false;
        if (source != null) {
            source.receivers().remove(this);
            source.flushedBy().remove(standby());
            source = null;
        }
    }

    /** The source's process ended; the kernel tells us, if the network lets it. */
    void sourceEnded() {
        if (source != null) {
            boolean told = world.network().delivers(source.name(), standby());
            source = null;
            pumping = false;
            long mine = ++session;
            world.scheduler().after(told ? RETRY : SILENCE_LIMIT, () -> connect(mine));
        }
    }

    private void connect(long mine) {
        if (mine != session || local.phase() != SimPostgres.Phase.RUNNING || local.isPrimary()) {
            return;
        }
        var target = local.disk()
                .upstream
                .filter(u -> !u.isNone() && !u.host().equals(local.name()))
                .map(u -> world.host(u.host()).postgres())
                .filter(this::accepts);
        if (target.isEmpty() || local.isFrozen()) {
            world.scheduler().after(RETRY, () -> connect(mine));
            return;
        }
        var upstream = target.get();
        long common = local.disk().wal.commonEnd(upstream.disk().wal);
        world.check(
                local.disk().wal.end() <= common,
                () -> standby() + " at " + local.position() + " streams onto another history of " + upstream.name()
                        + " at " + upstream.position());
        source = upstream;
        sourceRun = upstream.run();
        lastHeard = world.scheduler().now();
        confirmed = upstream.disk().wal.end();
        upstream.receivers().add(this);
        upstream.confirmedBy(standby(), local.disk().wal.end());
        world.trace(standby(), "streams from " + upstream.name() + " at " + local.position());
        local.disk().streamedSinceClone = true;
        pump();
        watch(mine);
    }

    private boolean accepts(SimPostgres upstream) {
        var wanted = local.disk().upstream.orElseThrow();
        return upstream.answers()
                && world.network().delivers(standby(), upstream.name(), true)
                && local.disk().system.equals(upstream.disk().system)
                && wanted.slotName().map(upstream.disk().slots::contains).orElse(true)
                && local.disk().wal.mayStreamFrom(upstream.disk().wal);
    }

    private void watch(long mine) {
        world.scheduler().after(EventScheduler.SECOND, () -> {
            if (mine != session || source == null) {
                return;
            }
            if (world.network().delivers(standby(), source.name(), true) && !source.isWhollyFrozen()) {
                lastHeard = world.scheduler().now();
                pump();
            }
            if (world.scheduler().now() - lastHeard >= SILENCE_LIMIT) {
                begin();
            } else {
                watch(mine);
            }
        });
    }

    /** Sends what the source has written; one batch is on its way at a time. */
    void pump() {
        if (source == null
                || pumping
                || local.disk().wal.end() >= source.disk().wal.end()
                || source.run() != sourceRun) {
            return;
        }
        if (!world.network().delivers(source.name(), standby()) || source.isWhollyFrozen()) {
            return;
        }
        pumping = true;
        long mine = session;
        var sent = source.disk().wal;
        long there = world.network().latency(source.name(), standby()) + world.replicationLag(standby());
        world.scheduler().after(there, () -> arrived(mine, sent));
    }

    private void arrived(long mine, Wal sent) {
        if (mine != session || source == null) {
            return;
        }
        pumping = false;
        if (local.isWhollyFrozen() || local.disk().walFull) {
            return;
        }
        local.received(sent);
        confirmed = sent.end();
        lastHeard = world.scheduler().now();
        var to = source;
        if (world.network().delivers(standby(), to.name())) {
            long run = sourceRun;
            world.scheduler().after(world.network().latency(standby(), to.name()), () -> {
                if (mine == session && to.run() == run) {
                    to.confirmedBy(standby(), sent.end());
                }
            });
        }
        pump();
    }
}
