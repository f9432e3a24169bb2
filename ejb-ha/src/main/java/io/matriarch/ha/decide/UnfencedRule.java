package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.UnfencedPrimary;
import java.util.ArrayList;
import java.util.Optional;

/**
 * A pause must not end with two primaries: whose fence was disarmed is known to all, whatever happens to its agent, and nobody else takes
 * the leader key by itself until its own agent has taken that back.
 */
final class UnfencedRule {
    private UnfencedRule() {}

    /** Who forbids everybody else to take the leader key. */
    static Optional<MemberName> other(Cycle c) {
        return c.cluster().unfenced().map(UnfencedPrimary::name).filter(name -> !name.equals(c.self()));
    }

    static String warning(MemberName unfenced) {
        return "nothing has fenced " + unfenced
                + " since a pause, and it may still be a primary: start its agent; if that is"
                + " impossible, make sure that its PostgreSQL is down and delete the key matriarch/unfenced of this scope from etcd";
    }

    /** The decision, with what has to be told before it, or after it. */
    static Decision applied(Decision d, Cycle c) {
        boolean marked = isMarked(c);
        boolean disarms = !isReplica(c) && d.actions().stream().anyMatch(a -> a instanceof Action.DisarmFence);
        boolean unguarded =
                c.node().isRunningPrimary() && c.node().fence().deadline().isEmpty();
        if (c.config().pause() && !c.node().isDown() && (disarms || unguarded)) {
            if (other(c).isPresent()) {
                // There is room for one name only, and that one must not be forgotten.
                return withoutDisarming(d);
            }
            return marked ? d : with(d, mark(c, true), true);
        }
        return marked && isHarmless(c) ? with(d, mark(c, false), false) : d;
    }

    /** Nobody can be told now: the deadline stays unless all know already. */
    static Decision withoutDcs(Decision d, Cycle c) {
        return isMarked(c) ? d : withoutDisarming(d);
    }

    private static Decision withoutDisarming(Decision d) {
        return d.withActions(d.actions().stream()
                .filter(a -> !(a instanceof Action.DisarmFence))
                .toList());
    }

    private static boolean isMarked(Cycle c) {
        return c.cluster()
                .unfenced()
                .map(UnfencedPrimary::name)
                .filter(c.self()::equals)
                .isPresent();
    }

    private static boolean isReplica(Cycle c) {
        return c.node().isRunningReplica() && c.memory().promotedAt().isEmpty();
    }

    private static boolean isHarmless(Cycle c) {
        var fence = c.node().fence();
        boolean guarded = c.node().isRunningPrimary()
                && fence.state() == FenceView.State.RUNNING
                && c.deadlineAhead()
                && !c.config().pause();
        return c.node().isDown() || isReplica(c) || guarded;
    }

    private static Action mark(Cycle c, boolean unfenced) {
        return new Action.MarkUnfenced(
                unfenced,
                c.cluster().unfenced().map(UnfencedPrimary::modRevision).orElse(new Revision(0)));
    }

    private static Decision with(Decision d, Action action, boolean first) {
        var actions = new ArrayList<>(d.actions());
        actions.add(first ? 0 : actions.size(), action);
        return d.withActions(actions);
    }
}
