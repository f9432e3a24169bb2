package io.matriarch.ha.loop;

import io.matriarch.ha.decide.Decision;
import io.matriarch.ha.decide.FailoverReadiness;
import io.matriarch.ha.decide.HaDecider;
import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.ControlFacts;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.DecisionEntry;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.LeaseView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.FenceException;
import io.matriarch.ha.port.FenceKeeper;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * The one straight way of this member: observe, decide, act, publish. One thread runs it ({@link #cycle()} is not reentrant); everything
 * else only wakes it up.
 */
public final class HaLoop {
    private static final Logger LOG = Logger.getLogger(HaLoop.class);
    private static final Duration LEAST_DCS_BUDGET = Duration.ofMillis(400);
    private static final Duration AFTER_REFUSAL = Duration.ofMillis(50);
    private static final int NAME_TAKEN = 1;
    private static final Duration AFTER_FAILURE = Duration.ofMillis(500);

    private final Identity identity;
    private final Ports ports;
    private final LeaseKeeper lease;
    private final Inbox inbox;
    private final Observer observer;
    private final ActionRunner runner;
    private final Narrator narrator;
    private final NameCheck names;
    private final ObjIntConsumer<String> exit;
    private HaMemory memory = HaMemory.EMPTY;
    private ClusterConfig config = ClusterConfig.DEFAULTS;
    private Optional<String> configText = Optional.empty();
    private Optional<Instant> dcsLastSeen = Optional.empty();
    private Optional<DecisionEntry> lastEntry = Optional.empty();
    private boolean memberKeyFailed;
    private boolean streamed;
    private boolean ranAsPrimary;

    /** @param exit ends the process: why, and with which code; must return at once */
    public HaLoop(Identity identity, Ports ports, LeaseKeeper lease, Inbox inbox, ObjIntConsumer<String> exit) {
        this.identity = identity;
        this.ports = ports;
        this.lease = lease;
        this.inbox = inbox;
        this.observer = new Observer(identity, ports, lease, inbox);
        this.runner = new ActionRunner(identity, ports, lease, inbox, observer, exit);
        this.narrator = new Narrator(identity.self());
        this.names = new NameCheck(identity, ports.peers(), lease.lease().map(LeaseView::id));
        this.exit = exit;
        ports.dcs().tune(dcsBudget(config));
    }

    /** To be called by whoever listens to the fence; only notes. */
    public void fenceEvent(FenceKeeper.Event event) {
        switch (event) {
            case FenceKeeper.Event.Exited exited -> observer.exited(exited);
            case FenceKeeper.Event.PostmasterDied died -> LOG.debugf("postmaster %d died", died.pid());
            case FenceKeeper.Event.Disconnected gone -> LOG.debug("the connection to the fence was lost");
        }
    }

    /**
     * One cycle. Blocks while it observes and acts, each step bounded.
     *
     * @return when the next cycle is due at the latest
     */
    public MonotonicTime cycle() {
        var startedAt = ports.clock().now();
        lease.loopTicked(startedAt);
        var seen = observer.observe(memory);
        var taken = names.taken(seen.dcs());
        if (taken.isPresent()) {
            exit.accept(taken.get(), NAME_TAKEN);
            return ports.clock().now().plus(AFTER_FAILURE);
        }
        try {
            configure(seen);
            var decision = HaDecider.decide(seen.dcs(), seen.node(), memory, seen.now());
            // Its result is in the view that was decided on; the decision may be to start the next job.
            if (seen.node().job().filter(j -> !j.isRunning()).isPresent()) {
                ports.worker().take();
            }
            var outcomes = runner.run(decision.actions(), seen);
            finish(seen, decision, outcomes, startedAt);
            return wakeUp(decision, outcomes);
        } catch (IllegalStateException e) {
            return brokenInvariant(seen, e);
        }
    }

    /** A write that found no DCS is looked into at once: before the fence's deadline every second counts. */
    private MonotonicTime wakeUp(Decision decision, List<Outcome> outcomes) {
        var now = ports.clock().now();
        if (runner.missedTheDcs() || memberKeyFailed) {
            return now;
        }
        // "At once" is meant for what comes after the deed; one that cannot be done now must not be tried in a tight
        // loop.
        boolean done = outcomes.stream().allMatch(Outcome::isDone);
        return done ? decision.wakeUpAt() : MonotonicTime.latest(decision.wakeUpAt(), now.plus(AFTER_REFUSAL));
    }

    private void finish(Observation seen, Decision decision, List<Outcome> outcomes, MonotonicTime startedAt) {
        var entry = entry(seen, decision, outcomes);
        memory = remember(decision, outcomes);
        setAsideNoLongerNeeded(seen);
        ports.control().seen(seen.node().postgres(), seen.node().role());
        boolean pendingRestart = !seen.facts().pendingRestart().isEmpty();
        publishMember(seen, pendingRestart);
        if (lastEntry.filter(last -> sameDecision(last, entry)).isEmpty()) {
            ports.journal().append(entry);
            narrator.tell(seen, decision, outcomes);
        }
        lastEntry = Optional.of(entry);
        var status = status(seen, decision, entry, startedAt);
        ports.board().publish(status);
        boolean leads = status.holdsLock() || seen.node().isRunningPrimary();
        if (seen.dcs() instanceof DcsView.Reachable reachable) {
            inbox.settled(leads, reachable.cluster());
        } else {
            inbox.unsettled(leads || mayHaveLed(seen));
        }
    }

    /** An agent that has not seen the DCS yet, over data that were last written as a primary: perhaps the cluster's newest. */
    private static boolean mayHaveLed(Observation seen) {
        return seen.dcs().lastKnown().isEmpty()
                && !seen.node().standbySignal()
                && seen.node().control().filter(ControlFacts::wasPrimary).isPresent();
    }

    /**
     * A decision remembers what it is about to do. When an action that this memory speaks of was not done, that part must not be
     * remembered: the next cycle decides anew from what it sees.
     */
    private HaMemory remember(Decision decision, List<Outcome> outcomes) {
        boolean allDone = outcomes.size() == decision.actions().size()
                && IntStream.range(0, outcomes.size())
                        .allMatch(i -> outcomes.get(i).isDone()
                                || decision.actions().get(i).standsAlone());
        if (allDone) {
            return decision.memory();
        }
        var before = memory;
        return decision.memory().with(m -> {
            m.handover = before.handover();
            m.promotedAt = before.promotedAt();
            m.salvageFrom = before.salvageFrom();
            m.salvaged = before.salvaged();
        });
    }

    /** What was set aside before a clone or rewind is given up only when the new data streams. */
    private void setAsideNoLongerNeeded(Observation seen) {
        boolean streams = seen.node()
                .wal()
                .filter(w -> w.replicationState() == io.matriarch.ha.model.ReplicationState.STREAMING)
                .isPresent();
        // Whatever was set aside lies on the disk; an agent that was restarted meanwhile remembers nothing of it.
        streamed = streams && (streamed || ports.control().forgetSetAside());
        boolean primary = seen.node().isRunningPrimary();
        ranAsPrimary = primary && (ranAsPrimary || ports.control().keepAsReal());
    }

    private MonotonicTime brokenInvariant(Observation seen, IllegalStateException e) {
        LOG.errorf(e, "a broken invariant: fencing and giving up leadership until the next cycle");
        lease.unguard();
        try {
            if (seen.node().isRunningPrimary()) {
                ports.fence().extend(ports.clock().now());
            }
        } catch (FenceException f) {
            LOG.errorf("the fence did not take the order: %s", f.getMessage());
        }
        return ports.clock().now().plus(AFTER_FAILURE);
    }

    private void configure(Observation seen) {
        if (!(seen.dcs() instanceof DcsView.Reachable reachable)) {
            return;
        }
        var cluster = reachable.cluster();
        dcsLastSeen = Optional.of(ports.clock().wallClock());
        if (cluster.configText().isPresent() && !cluster.configText().equals(configText)) {
            configText = cluster.configText();
            ports.control().configure(configText.get());
        }
        var wanted = cluster.config();
        if (!wanted.equals(config)) {
            ports.dcs().tune(dcsBudget(wanted));
            lease.tune(new LeaseKeeper.Timing(wanted.ttl(), wanted.fenceMargin(), wanted.retryTimeout()));
            config = wanted;
        }
        // Tried again in each cycle until it is done: keep-alives go by the new time to live already.
        boolean leading = cluster.isLeader(identity.self());
        if (lease.hasOtherTtlThan(config.ttl()) && lease.mayBeChanged(leading)) {
            changeLease(leading, seen.node().isDown());
        }
    }

    /**
     * What one operation may take: a hanging write, the hanging read of the next cycle and the questions of failsafe mode must all fit
     * between two extensions of the fence's deadline.
     */
    private static Duration dcsBudget(ClusterConfig config) {
        var share = config.ttl().minus(config.fenceMargin()).dividedBy(5);
        var bounded = share.compareTo(LEAST_DCS_BUDGET) < 0 ? LEAST_DCS_BUDGET : share;
        return bounded.compareTo(config.retryTimeout()) < 0 ? bounded : config.retryTimeout();
    }

    /** Another time to live needs another lease; the leader key moves to it before the old one is forgotten. */
    private void changeLease(boolean leading, boolean down) {
        var sentAt = ports.clock().now();
        try {
            var id = ports.dcs().grantLease(config.ttl());
            // A shorter lease must not carry the key while the fence still counts on the longer one.
            if (!down) {
                lease.shortenGuard(sentAt.plus(config.ttl()).minus(config.fenceMargin()));
            }
            var moved = leading ? ports.dcs().reattachLeader(identity.self(), id) : Outcome.DONE;
            if (moved.isDone()) {
                lease.switchTo(id, sentAt, config.ttl());
            }
        } catch (DcsUnavailableException | FenceException e) {
            LOG.warnf("the lease keeps its old time to live for now: %s", e.getMessage());
        }
    }

    private void publishMember(Observation seen, boolean pendingRestart) {
        memberKeyFailed = false;
        var current = lease.lease().map(LeaseView::id);
        if (current.isEmpty() || !(seen.dcs() instanceof DcsView.Reachable)) {
            return;
        }
        var report = MemberReports.report(
                identity,
                seen.node(),
                memory.promotedAt().isPresent(),
                memory.checkpointDue(),
                config.pause(),
                pendingRestart);
        // What was just read tells, not what was written: another agent of our name may have put its own there.
        boolean saysSo = seen.dcs()
                .lastKnown()
                .flatMap(c -> c.member(identity.self()))
                .filter(m -> m.lease().equals(current) && m.report().equals(report))
                .isPresent();
        if (saysSo) {
            return;
        }
        try {
            names.publishing(current.get());
            ports.dcs().putMember(identity.self(), report, current.get());
        } catch (DcsUnavailableException e) {
            LOG.debugf("member key not written: %s", e.getMessage());
            memberKeyFailed = true;
        }
    }

    private DecisionEntry entry(Observation seen, Decision decision, List<Outcome> outcomes) {
        return new DecisionEntry(
                ports.clock().wallClock(),
                decision.rule().name(),
                decision.rule().loss(),
                decision.because(),
                decision.rejected(),
                decision.actions().stream().map(Action::toString).toList(),
                outcomes.stream().map(Outcome::toString).toList(),
                seen.dcs(),
                seen.node(),
                memory,
                seen.now());
    }

    /** Keeping on is not worth another entry, however the positions moved. */
    private static boolean sameDecision(DecisionEntry a, DecisionEntry b) {
        return a.rule().equals(b.rule())
                && a.rejected().equals(b.rejected())
                && kinds(a.actions()).equals(kinds(b.actions()))
                && b.outcomes().stream().allMatch("Done[]"::equals);
    }

    private static List<String> kinds(List<String> actions) {
        return actions.stream()
                .map(a -> a.substring(0, a.indexOf('[')))
                .filter(kind -> !kind.equals("WriteStatus"))
                .toList();
    }

    private NodeStatus status(Observation seen, Decision decision, DecisionEntry entry, MonotonicTime startedAt) {
        var node = seen.node();
        var now = ports.clock().now();
        var safeUntil = lease.lease().map(LeaseView::safeUntil);
        boolean keyIsOurs =
                seen.dcs().lastKnown().filter(c -> c.isLeader(identity.self())).isPresent();
        boolean failsafe =
                seen.dcs() instanceof DcsView.Lost && decision.rule() == io.matriarch.ha.decide.Rule.FAILSAFE_HOLD;
        var lockUntil = failsafe ? node.fence().deadline().or(() -> safeUntil) : safeUntil;
        boolean holdsLock =
                keyIsOurs && (failsafe || lockUntil.filter(now::isBefore).isPresent());
        return new NodeStatus(
                identity.scope(),
                identity.self(),
                identity.agentVersion(),
                now,
                decision.wakeUpAt(),
                seen.dcs(),
                node,
                holdsLock,
                lockUntil,
                dcsLastSeen,
                failsafe,
                MemberReports.state(node),
                MemberReports.role(node, memory.promotedAt().isPresent()),
                seen.facts().serverVersion(),
                seen.facts().startedAt(),
                seen.facts().replayedAt(),
                pendingRestart(seen),
                ports.worker().progressText(),
                Optional.of(entry),
                FailoverReadiness.of(seen.dcs()),
                node.fence().proof(),
                now.since(startedAt));
    }

    private static Map<String, String> pendingRestart(Observation seen) {
        var texts = new TreeMap<String, String>();
        seen.facts().pendingRestart().forEach((name, p) -> texts.put(name, p.oldValue() + " -> " + p.newValue()));
        return texts;
    }
}
