package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SyncState;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.WalSenderFacts;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The next safe step of synchronous replication, one at a time. What must hold at every moment: whoever the sync key would let lead
 * holds every acknowledged commit.
 *
 * <p>Priority mode: the key names only standbys that every commit waits for. So names leave the key before they leave
 * {@code synchronous_standby_names}, and enter it after.
 *
 * <p>Quorum mode: of the key's voters V a candidate needs {@code quorum} others, a commit needs k of the names N; both sets meet when
 * {@code quorum + k >= |V union N|}. So the key first covers the old and the new names, then the setting changes, then the key shrinks.
 */
final class SyncReplicationPolicy {
    /** A changed setting is read by each session at its own next command; after this time none is left with the old one. */
    private static final Duration SETTLE = Duration.ofSeconds(2);

    private SyncReplicationPolicy() {}

    record Step(String because, List<Action> actions) {}

    static Optional<Step> nextStep(Cycle c) {
        return switch (c.config().synchronousMode()) {
            case OFF -> off(c);
            case PRIORITY -> priority(c);
            case QUORUM -> quorum(c);
        };
    }

    /** Notes since when the wanted names are in force, and the position that separates the commits before from those after. */
    static HaMemory remember(Cycle c) {
        boolean inForce = c.config().synchronousMode() != SynchronousMode.OFF
                && setting(c, target(c)).equals(c.node().appliedStandbyNames());
        if (!inForce) {
            return c.memory().with(m -> {
                m.syncAppliedAt = Optional.empty();
                m.syncBarrier = Optional.empty();
            });
        }
        return c.memory().with(m -> {
            m.syncAppliedAt = m.syncAppliedAt.or(() -> Optional.of(c.now()));
            boolean settled = m.syncAppliedAt
                    .filter(at -> c.now().since(at).compareTo(SETTLE) >= 0)
                    .isPresent();
            if (settled && m.syncBarrier.isEmpty()) {
                m.syncBarrier = c.node().wal().map(w -> w.written());
            }
        });
    }

    private static Optional<Step> off(Cycle c) {
        if (c.cluster().sync().isPresent()) {
            return Optional.of(new Step(
                    "synchronous mode is off: nobody is promised to hold every commit",
                    List.of(new Action.WriteSyncState(
                            Optional.empty(), c.cluster().sync().map(SyncState::modRevision)))));
        }
        return c.node().appliedStandbyNames().isEmpty()
                ? Optional.empty()
                : Optional.of(new Step("synchronous mode is off", List.of(new Action.SetSynchronousStandbyNames(""))));
    }

    private static Optional<Step> priority(Cycle c) {
        var target = target(c);
        var promised = c.cluster().sync().map(SyncState::standbys).orElse(Set.of());
        boolean mine = c.cluster()
                .sync()
                .flatMap(SyncState::leader)
                .filter(c.self()::equals)
                .isPresent();
        // What was written in quorum mode says of no single standby that it has every commit.
        boolean ofQuorum = c.cluster().sync().filter(s -> s.quorum() > 0).isPresent();
        var kept = mine && !ofQuorum ? new TreeSet<>(promised) : new TreeSet<MemberName>();
        kept.retainAll(target);
        if (!mine || !kept.equals(promised)) {
            return Optional.of(write(c, "promise only what stays synchronous", kept, 0));
        }
        if (!setting(c, target).equals(c.node().appliedStandbyNames())) {
            return Optional.of(new Step(
                    "synchronous standbys become " + target,
                    List.of(new Action.SetSynchronousStandbyNames(setting(c, target)))));
        }
        var confirmed = confirmed(c, target);
        confirmed.addAll(kept);
        return confirmed.equals(promised)
                ? Optional.empty()
                : Optional.of(write(c, confirmed + " have every acknowledged commit", confirmed, 0));
    }

    private static Optional<Step> quorum(Cycle c) {
        var target = target(c);
        int needed = needed(c, target);
        var state = c.cluster().sync();
        boolean mine = state.flatMap(SyncState::leader).filter(c.self()::equals).isPresent();
        var voters = mine ? state.map(SyncState::standbys).orElse(Set.of()) : Set.<MemberName>of();
        if (!mine) {
            return Optional.of(write(c, "nobody but us is promised to hold every commit", Set.of(), 0));
        }
        boolean applied = setting(c, target).equals(c.node().appliedStandbyNames());
        if (!applied) {
            var union = new TreeSet<>(voters);
            union.addAll(target);
            int oldNeeded =
                    Math.max(0, voters.size() - state.map(SyncState::quorum).orElse(0));
            int quorum = union.size() - Math.min(oldNeeded, needed);
            if (!union.equals(voters) || state.get().quorum() != quorum) {
                return Optional.of(write(c, "cover the old and the new voters", union, quorum));
            }
            return Optional.of(new Step(
                    "quorum commit becomes " + setting(c, target),
                    List.of(new Action.SetSynchronousStandbyNames(setting(c, target)))));
        }
        int quorum = target.size() - needed;
        boolean settled = c.memory().syncBarrier().isPresent() && confirmedCount(c, target) >= needed;
        return !settled || (target.equals(voters) && state.get().quorum() == quorum)
                ? Optional.empty()
                : Optional.of(write(c, "quorum commit is in force", target, quorum));
    }

    private static Step write(Cycle c, String because, Set<MemberName> standbys, int quorum) {
        var state = new SyncState(Optional.of(c.self()), standbys, quorum, new Revision(0));
        return new Step(
                because,
                List.of(new Action.WriteSyncState(
                        Optional.of(state), c.cluster().sync().map(SyncState::modRevision))));
    }

    /** Who shall be synchronous: streaming members, those that are already first, then the longest WAL. */
    private static Set<MemberName> target(Cycle c) {
        var current = c.cluster().sync().map(SyncState::standbys).orElse(Set.of());
        Map<String, WalSenderFacts> senders = c.node().senders().stream()
                .filter(s -> s.state().equals("streaming"))
                .collect(Collectors.toMap(WalSenderFacts::applicationName, Function.identity(), (a, b) -> a));
        var order = Comparator.comparing((MemberView m) -> !current.contains(m.name()))
                .thenComparing(m -> m.report().tags().nofailover())
                .thenComparing(m -> flushed(senders, m), Comparator.reverseOrder())
                .thenComparing(MemberView::name);
        var eligible = c.cluster().members().values().stream()
                .filter(m -> !m.name().equals(c.self()))
                .filter(m -> m.report().state() == MemberState.RUNNING)
                .filter(m -> !m.report().tags().nosync() && !m.report().tags().nostream())
                .filter(m -> senders.containsKey(m.name().value()))
                .sorted(order)
                .map(MemberView::name)
                .toList();
        int count = c.config().synchronousMode() == SynchronousMode.QUORUM
                ? eligible.size()
                : Math.min(c.config().synchronousNodeCount(), eligible.size());
        var target = new TreeSet<>(eligible.subList(0, count));
        if (target.isEmpty() && c.config().synchronousModeStrict()) {
            return new TreeSet<>(current);
        }
        return target;
    }

    private static long flushed(Map<String, WalSenderFacts> senders, MemberView m) {
        return Optional.ofNullable(senders.get(m.name().value()))
                .flatMap(WalSenderFacts::flushed)
                .map(l -> l.bytes())
                .orElse(0L);
    }

    private static Set<MemberName> confirmed(Cycle c, Set<MemberName> target) {
        var confirmed = new TreeSet<MemberName>();
        c.memory()
                .syncBarrier()
                .ifPresent(barrier -> c.node().senders().stream()
                        .filter(s ->
                                s.syncState().equals("sync") || s.syncState().equals("quorum"))
                        .filter(s ->
                                s.flushed().filter(f -> f.isAtLeast(barrier)).isPresent())
                        .flatMap(s -> target.stream().filter(n -> n.value().equals(s.applicationName())))
                        .forEach(confirmed::add));
        return confirmed;
    }

    private static int confirmedCount(Cycle c, Set<MemberName> target) {
        return confirmed(c, target).size();
    }

    private static int needed(Cycle c, Set<MemberName> target) {
        return Math.min(c.config().synchronousNodeCount(), target.size());
    }

    /** The text of {@code synchronous_standby_names}. */
    private static String setting(Cycle c, Set<MemberName> target) {
        if (target.isEmpty()) {
            return c.config().synchronousModeStrict() ? "*" : "";
        }
        var names = target.stream()
                .map(n -> '"' + n.value().replace("\"", "\"\"") + '"')
                .collect(Collectors.joining(","));
        return c.config().synchronousMode() == SynchronousMode.QUORUM
                ? "ANY " + needed(c, target) + " (" + names + ")"
                : "FIRST " + target.size() + " (" + names + ")";
    }
}
