package io.matriarch.ha.simulation;

import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.SystemIdentifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** One run: hosts, etcd, network and clients on one queue of events, all drawn from one seed. */
final class SimWorld implements AutoCloseable {
    private final EventScheduler scheduler = new EventScheduler();
    private final Setup setup;
    private final SplittableRandom durations;
    private final SplittableRandom clients;
    private final SimNetwork network;
    private final SimEtcd etcd;
    private final Map<String, SimHost> hosts = new LinkedHashMap<>();
    private final Trace trace;
    private final Ledger ledger = new Ledger(this);
    private final Invariants invariants = new Invariants(this);
    private final Coverage coverage;
    private Optional<Throwable> violation = Optional.empty();
    private boolean restartAgents = true;
    private double jobFailure;
    private int failingInitdbs;
    private long nextPid = 100;
    private long nextBranch = 1;
    private long nextSystem = 7_300_000_000_000_000_000L;

    SimWorld(Setup setup, Coverage coverage, int traceLimit) {
        this.setup = setup;
        this.coverage = coverage;
        this.trace = new Trace(scheduler, traceLimit);
        var seeds = new SplittableRandom(setup.seed());
        this.network = new SimNetwork(seeds.split());
        this.durations = seeds.split();
        this.clients = seeds.split();
        var clocks = seeds.split();
        this.etcd = new SimEtcd(scheduler, setup.config(), what -> trace("etcd", what));
        for (int i = 1; i <= setup.members(); i++) {
            double drift = 1 + (clocks.nextDouble() - 0.5) * setup.drift();
            long offset = clocks.nextLong(1_000_000) * EventScheduler.SECOND;
            var host = new SimHost(this, "pg" + i, new ManualClock(scheduler, drift, offset));
            hosts.put(host.hostName(), host);
        }
        etcd.onLeaderChange(invariants::leaderChanged);
        scheduler.afterEach(invariants::afterEvent);
        hosts.values().forEach(this::startClient);
    }

    /** Every agent starts, nearly at once. */
    void startAgents() {
        hosts.values().forEach(h -> scheduler.after(random(0, 300) * EventScheduler.MILLI, h::startAgent));
    }

    private void startClient(SimHost host) {
        scheduler.after(clients.nextLong(5, 50) * EventScheduler.MILLI, () -> {
            host.postgres().commit(clients.nextLong(64, setup.rowBytes()));
            startClient(host);
        });
    }

    // ---- running
    // ------------------------------------------------------------------------------------------------------

    void runFor(long nanos) {
        runUntil(scheduler.now() + nanos, () -> false);
    }

    /** Runs until {@code done}, at most {@code limit}; says whether it came to pass. */
    boolean runUntilTrue(java.util.function.BooleanSupplier done, long limit) {
        runUntil(scheduler.now() + limit, done);
        return done.getAsBoolean();
    }

    private void runUntil(long time, java.util.function.BooleanSupplier done) {
        try {
            scheduler.runUntil(time, () -> violation.isPresent() || done.getAsBoolean());
        } catch (InvariantViolation | IllegalStateException e) {
            if (violation.isEmpty()) {
                violation = Optional.of(e);
            }
        }
        violation.ifPresent(v -> {
            throw new InvariantViolation(v.getMessage() + (v.getCause() == null ? "" : ": " + v.getCause()));
        });
    }

    void check(boolean holds, Supplier<String> otherwise) {
        if (!holds && violation.isEmpty()) {
            var found = new InvariantViolation(otherwise.get());
            violation = Optional.of(found);
            trace("world", "VIOLATION " + found.getMessage());
            throw found;
        }
    }

    /** Like {@link #check}, for the run itself. */
    void require(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            trace("world", "VIOLATION " + otherwise.get());
            throw new InvariantViolation(otherwise.get());
        }
    }

    Optional<Throwable> violation() {
        return violation;
    }

    @Override
    public void close() {
        restartAgents = false;
        hosts.values().forEach(h -> h.agent().ifPresent(SimProcess::kill));
    }

    // ---- what it is made of
    // -------------------------------------------------------------------------------------------

    EventScheduler scheduler() {
        return scheduler;
    }

    Setup setup() {
        return setup;
    }

    SimNetwork network() {
        return network;
    }

    SimEtcd etcd() {
        return etcd;
    }

    Ledger ledger() {
        return ledger;
    }

    Invariants invariants() {
        return invariants;
    }

    Coverage coverage() {
        return coverage;
    }

    Trace trace() {
        return trace;
    }

    void trace(String who, String what) {
        trace.add(who, what);
    }

    SimHost host(String name) {
        var host = hosts.get(name);
        if (host == null) {
            throw new IllegalArgumentException("no host " + name);
        }
        return host;
    }

    List<SimHost> hosts() {
        return List.copyOf(hosts.values());
    }

    /** The host whose PostgreSQL takes writes and whose name is in the leader key. */
    Optional<SimHost> writablePrimary() {
        return etcd.leaderName()
                .map(MemberName::value)
                .map(hosts::get)
                .filter(h -> h.postgres().canWrite() && h.postgres().answers());
    }

    boolean allStreaming() {
        var primary = writablePrimary();
        return primary.isPresent()
                && hosts.values().stream()
                        .filter(h -> h != primary.get())
                        .allMatch(h -> h.postgres().receiver().isStreaming()
                                && primary.get()
                                        .postgres()
                                        .receivers()
                                        .contains(h.postgres().receiver()));
    }

    // ---- chance
    // -------------------------------------------------------------------------------------------------------

    /** A number between {@code from} and {@code to}, both included. */
    long random(long from, long to) {
        return durations.nextLong(from, to + 1);
    }

    boolean chance(double share) {
        return share > 0 && durations.nextDouble() < share;
    }

    double jobFailure() {
        return jobFailure;
    }

    void jobFailure(double share) {
        jobFailure = share;
    }

    /** The first {@code times} attempts to make a cluster fail. */
    void failInitdb(int times) {
        failingInitdbs = times;
    }

    boolean initdbFails() {
        return failingInitdbs-- > 0;
    }

    long startDuration(boolean clean) {
        return (clean ? random(60, 300) : random(150, 1200)) * EventScheduler.MILLI;
    }

    long promoteDuration() {
        return random(20, 300) * EventScheduler.MILLI;
    }

    long replicationLag(String standby) {
        return host(standby).lag();
    }

    long nextPid() {
        return nextPid++;
    }

    long nextBranch() {
        return nextBranch++;
    }

    SystemIdentifier nextSystem() {
        return new SystemIdentifier(Long.toString(nextSystem++));
    }

    // ---- what happens
    // -------------------------------------------------------------------------------------------------

    /** PostgreSQL changed by itself: an agent that listens for it would look again. */
    void changed() {
        // The loop learns of it by its own means: the fence's events and its heartbeat.
    }

    void promotionRequested(String host) {
        invariants.promotionRequested(host);
    }

    void promoted(String host, Wal wal) {
        invariants.promoted(host, wal);
    }

    void rewinds(SimPostgres local, SimPostgres leader) {
        invariants.rewinds(local, leader);
    }

    /** An agent ended by itself; the service manager starts it again. */
    void exited(SimHost host) {
        died(host);
        restartLater(host, random(200, 1500) * EventScheduler.MILLI);
    }

    void died(SimHost host) {
        scheduler.after(0, () -> reap(host));
    }

    private void reap(SimHost host) {
        host.reapAgent();
    }

    void restartLater(SimHost host, long delay) {
        scheduler.after(delay, () -> {
            if (restartAgents) {
                host.startAgent();
            }
        });
    }
}
