package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.InitializeKey;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.LeaderLease;
import io.matriarch.ha.model.LeaseView;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.model.SyncState;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.WalPosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The leader key is ours. */
final class LeaderPolicy {
    private static final Duration PROMOTION_PATIENCE = Duration.ofSeconds(60);

    /** A primary that served for this long has recovered: its next crash is a new one, and writers need not wait for the retry. */
    private static final Duration QUIET = Duration.ofSeconds(2);

    private LeaderPolicy() {}

    static Decision decide(Cycle c) {
        var node = c.node();
        var licence = c.licence();
        if (licence.isEmpty()) {
            return withoutLicence(c);
        }
        var decision = withLicence(c, licence.get());
        return guardIsMissing(c) ? guardFirst(decision, licence.get()) : decision;
    }

    private static Decision withLicence(Cycle c, LeaderLease licence) {
        var node = c.node();
        if (node.data() != DataDirectory.PRESENT) {
            return withoutData(c);
        }
        if (node.request() == LocalRequest.REINITIALIZE) {
            return c.decide(
                    Rule.REINITIALIZE_REQUESTED,
                    "refused: we hold the leader key, and a leader has nobody to copy from",
                    Cycle.SOON,
                    new Action.DropLocalRequest(LocalRequest.REINITIALIZE));
        }
        return switch (node.postgres()) {
            case RUNNING ->
                switch (node.role()) {
                    case PRIMARY -> lead(c);
                    case REPLICA -> promote(c);
                    case UNKNOWN -> c.decide(Rule.UNKNOWN_STATE, "PostgreSQL's role is unknown", Cycle.SHORTLY);
                };
            case STARTING -> PrimaryDownPolicy.starting(c, licence);
            case STOPPING -> c.decide(Rule.WAIT_FOR_START, "PostgreSQL is shutting down", Cycle.SHORTLY);
            case STOPPED, CRASHED -> PrimaryDownPolicy.down(c, licence);
            case HUNG -> PrimaryDownPolicy.hung(c);
            case UNKNOWN -> c.decide(Rule.UNKNOWN_STATE, "PostgreSQL's state is unknown", Cycle.SHORTLY);
        };
    }

    private static Decision withoutData(Cycle c) {
        var because = "the data directory is " + c.node().data() + ", a leader needs data";
        return c.node().isDown()
                ? c.decide(
                        Rule.LEADERSHIP_LOST, because, new Action.ReleaseLeaderKey(Optional.empty(), Optional.empty()))
                : c.decide(Rule.LEADERSHIP_LOST, because, Cycle.SHORTLY, c.stopAtOnce(because));
    }

    /** The data directory cannot be read, and a process of PostgreSQL lives. */
    static Decision unreadable(Cycle c, String because) {
        var licence = c.licence();
        if (licence.isEmpty()) {
            return withoutLicence(c);
        }
        if (c.node().postgres() == PostgresState.HUNG) {
            return PrimaryDownPolicy.hung(c);
        }
        if (c.node().postgres() == PostgresState.STARTING && PrimaryDownPolicy.startTimeoutPassed(c)) {
            return c.decide(Rule.DATA_UNREADABLE, because, Cycle.SHORTLY, c.stopAtOnce("it does not come up"));
        }
        var waiting = c.decide(
                Rule.DATA_UNREADABLE, because + " PostgreSQL is " + c.node().postgres());
        return guardIsMissing(c) ? guardFirst(waiting, licence.get()) : waiting;
    }

    /**
     * A primary whose deadline does not move with our lease would be fenced although we lead, or, without a deadline, never: the agent
     * was restarted, took its key back, or a pause has ended.
     */
    private static boolean guardIsMissing(Cycle c) {
        var node = c.node();
        boolean primary =
                node.isRunningPrimary() || (node.postgres() == PostgresState.STARTING && !node.standbySignal());
        // While renewals extend it, the deadline never comes near.
        var soon = c.now().plus(c.config().ttl().minus(c.config().fenceMargin()).dividedBy(2));
        return primary && node.fence().deadline().map(d -> d.isBefore(soon)).orElse(true);
    }

    private static Decision guardFirst(Decision d, LeaderLease licence) {
        var actions = new ArrayList<Action>();
        actions.add(new Action.GuardPrimary(licence));
        actions.addAll(d.actions());
        return d.withActions(actions);
    }

    /** Nothing would end such a primary when somebody else takes the key. */
    static Decision unbounded(Cycle c) {
        return c.decide(
                Rule.LEADERSHIP_LOST,
                "our primary has neither a lease nor a deadline, and nobody leads",
                Cycle.SOON,
                c.stopAtOnce("neither a lease nor a deadline"));
    }

    private static Decision withoutLicence(Cycle c) {
        var keyLease = c.cluster().leader().flatMap(k -> k.lease());
        var ours = c.node().lease().map(LeaseView::id);
        boolean safe =
                c.node().lease().filter(l -> c.now().isBefore(l.safeUntil())).isPresent();
        if (safe && ours.isPresent() && !keyLease.equals(ours)) {
            return c.decide(
                    Rule.RETAKE_LEADERSHIP,
                    "the leader key hangs on an older lease of ours",
                    c.memory(),
                    Duration.ZERO,
                    reattach(c),
                    List.of());
        }
        boolean harmless =
                c.node().isRunningReplica() && c.memory().promotedAt().isEmpty();
        if (c.node().isDown() || harmless) {
            return c.decide(Rule.LEADERSHIP_LOST, "our lease was not renewed in time", Cycle.SHORTLY);
        }
        // The fence acts by itself at a deadline that no lease of another can come before. Until then the lease may be
        // renewed, as after
        // a restart of the agent, which does not know yet how much of it is left.
        if (c.deadlineAhead() && c.node().postgresGuarded()) {
            var left = c.node().fence().deadline().orElseThrow().since(c.now());
            return c.decide(
                    Rule.LEADERSHIP_LOST,
                    "our lease is not known to be safe; the fence holds for " + left.toMillis() + " ms",
                    left.compareTo(Cycle.SHORTLY) < 0 ? left : Cycle.SHORTLY);
        }
        return c.decide(
                Rule.LEADERSHIP_LOST,
                "our lease was not renewed in time",
                Cycle.SHORTLY,
                c.stopAtOnce("lease not renewed in time"));
    }

    /** The older lease may end at any moment, and the key with it: a running primary without a deadline gets a near one first. */
    private static List<Action> reattach(Cycle c) {
        boolean unbounded =
                c.node().isRunningPrimary() && c.node().fence().deadline().isEmpty();
        return unbounded
                ? List.of(
                        new Action.ExtendFence(c.now().plus(c.config().fenceMargin())), new Action.ReattachLeaderKey())
                : List.of(new Action.ReattachLeaderKey());
    }

    private static Decision promote(Cycle c) {
        var asked = c.memory().promotedAt();
        if (asked.filter(at -> c.now().since(at).compareTo(PROMOTION_PATIENCE) < 0)
                .isPresent()) {
            return c.decide(Rule.WAIT_FOR_PROMOTION, "promotion was asked for", Cycle.SOON);
        }
        var memory = c.memory().with(m -> {
            m.promotedAt = Optional.of(c.now());
            m.checkpointDue = true;
            m.rejoinAttempts = 0;
            m.nextAttemptAt = Optional.empty();
            m.salvaged = false;
            m.unjudged = false;
        });
        var at = c.node()
                .wal()
                .map(w -> " at " + w.written() + " on timeline " + w.timeline())
                .orElse("");
        return c.decide(
                Rule.PROMOTE,
                "the leader key is ours and PostgreSQL is a replica" + at,
                memory,
                Cycle.SOON,
                promoteActions(c),
                List.of());
    }

    /**
     * In synchronous mode the sync key first says that nobody but us holds every commit: from our first own commit on, the old leader and
     * the other standbys do not.
     */
    private static List<Action> promoteActions(Cycle c) {
        var actions = new ArrayList<Action>();
        c.cluster()
                .sync()
                .filter(s -> s.leader().filter(c.self()::equals).isEmpty())
                .ifPresent(s -> actions.add(new Action.WriteSyncState(
                        Optional.of(new SyncState(Optional.of(c.self()), Set.of(), 0, s.modRevision())),
                        Optional.of(s.modRevision()))));
        if (c.config().synchronousMode() != SynchronousMode.OFF && c.config().synchronousModeStrict()) {
            // From the first commit on: until the standbys are known, any of them will do, but none will not.
            actions.add(new Action.SetSynchronousStandbyNames("*"));
        }
        var next = TimelineRule.next(c);
        actions.add(TimelineRule.claim(c, next));
        actions.add(new Action.Promote(c.licence().orElseThrow(), next));
        return actions;
    }

    private static Decision lead(Cycle c) {
        if (c.node().request() == LocalRequest.RESTART) {
            return c.decide(
                    Rule.RESTART_REQUESTED,
                    "a restart was asked for",
                    Cycle.SHORTLY,
                    new Action.StopPostgres(StopMode.FAST, StopTimes.fast(c)));
        }
        if (c.memory().handover().isPresent() || c.cluster().failover().isPresent()) {
            var planned = SwitchoverPolicy.onRunningPrimary(c);
            if (planned.isPresent()) {
                return planned.get();
            }
        }
        return duties(c);
    }

    /** What a healthy leader keeps in order, all in one decision; the most telling of them names the rule. */
    static Decision duties(Cycle c) {
        var actions = new ArrayList<Action>();
        keepKeys(c, actions);
        var rule = Rule.KEEP_LEADING;
        var because = "PostgreSQL is the primary and the lease is safe";
        if (c.node().settingsChanged()) {
            rule = Rule.APPLY_SETTINGS;
            because = "the wanted settings differ from the files";
        }
        var sync = SyncReplicationPolicy.nextStep(c);
        if (sync.isPresent()) {
            rule = Rule.SYNC_REPLICATION;
            because = sync.get().because();
            actions.addAll(sync.get().actions());
        }
        var memory = SyncReplicationPolicy.remember(c).with(m -> {
            m.slotSeen = Slots.seen(c);
            m.promotedAt = Optional.empty();
            m.recoveringSince = Optional.empty();
            m.checkpointDue =
                    m.checkpointDue && c.node().finished(JobKind.CHECKPOINT).isEmpty();
            if (c.now().since(c.node().postgresSince()).compareTo(QUIET) >= 0) {
                m.crashesInPlace = 0;
            }
        });
        if (memory.checkpointDue() && c.node().job().isEmpty()) {
            actions.add(new Action.Checkpoint());
        }
        keepFilesAndSlots(c, actions);
        return c.decide(rule, because, memory, c.config().loopWait(), actions, List.of());
    }

    private static void keepKeys(Cycle c, List<Action> actions) {
        var cluster = c.cluster();
        c.node().control().ifPresent(control -> {
            if (cluster.initialize().flatMap(InitializeKey::systemIdentifier).isEmpty()) {
                actions.add(new Action.WriteInitializeKey(control.systemIdentifier()));
            }
        });
        if (!cluster.configPresent()) {
            actions.add(new Action.WriteConfigIfMissing());
        }
        var wal = c.node().wal();
        wal.flatMap(w -> TimelineRule.overdueClaim(c, w)).ifPresent(actions::add);
        wal.ifPresent(w -> {
            if (historyIsBehind(c, w)) {
                actions.add(new Action.AppendHistory(w.timeline()));
            }
        });
        wal.map(w -> status(c, w, Slots.wanted(c)))
                .filter(s -> !s.equals(cluster.status()))
                .ifPresent(s -> actions.add(new Action.WriteStatus(s)));
        if (failsafeMapIsBehind(c)) {
            actions.add(new Action.WriteFailsafe(failsafeMembers(c)));
        }
        cluster.failover()
                .filter(f -> f.candidate().filter(c.self()::equals).isPresent()
                        || f.leader().filter(l -> !l.equals(c.self())).isPresent())
                .ifPresent(f -> actions.add(new Action.ClearFailoverRequest(f.modRevision())));
    }

    /** Last of all: a slot that cannot be made or a file that cannot be written must not keep commits waiting for a dead standby. */
    private static void keepFilesAndSlots(Cycle c, List<Action> actions) {
        if (c.node().settingsChanged()) {
            actions.add(new Action.ReloadConfig());
        }
        var wanted = Slots.wanted(c);
        if (!c.node().slots().keySet().containsAll(wanted) || Slots.hasSurplus(c, wanted)) {
            actions.add(new Action.SyncSlots(wanted, Slots.advance(c)));
        }
    }

    /** A member that is not in the map does not race: a hand-over to it would be one to nobody. */
    static boolean failsafeMapIsBehind(Cycle c) {
        return c.config().failsafeMode()
                && !failsafeMembers(c).equals(c.cluster().failsafe());
    }

    private static boolean historyIsBehind(Cycle c, WalPosition wal) {
        if (wal.timeline().id() <= 1) {
            return false;
        }
        var rows = c.cluster().history();
        if (rows.isEmpty()) {
            return true;
        }
        // A primary began its timeline itself. Another name there is that of a primary that fell before anybody had its
        // timeline, so that
        // ours got the same number: whose it is must be known when the other one comes back.
        var last = rows.get(rows.size() - 1);
        return last.timeline().id() != wal.timeline().id() - 1
                || last.newLeader().filter(c.self()::equals).isEmpty();
    }

    private static ClusterStatus status(Cycle c, WalPosition wal, Set<String> wanted) {
        var slots = new TreeMap<String, io.matriarch.ha.model.Lsn>();
        c.node().slots().forEach((name, lsn) -> {
            if (wanted.contains(name)) {
                slots.put(name, lsn);
            }
        });
        slots.put(c.self().slotName(), wal.written());
        return new ClusterStatus(Optional.of(wal.written()), slots, Slots.retained(c, wanted));
    }

    /**
     * Who must confirm a leader that lost the DCS: every member with an address. Names only ever leave this map while the DCS can be
     * read, so a member that is cut off cannot have been forgotten by it.
     */
    private static Map<MemberName, String> failsafeMembers(Cycle c) {
        var members = new TreeMap<MemberName, String>();
        c.cluster().members().forEach((name, m) -> {
            if (!m.report().apiUrl().isBlank()) {
                members.put(name, m.report().apiUrl());
            }
        });
        return members;
    }
}
