package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.ControlFacts;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.model.SystemIdentifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Nobody leads and no system identifier is published: the cluster does not exist yet, or the DCS was emptied. */
final class BootstrapPolicy {
    private static final Duration RETRY = Duration.ofSeconds(10);

    private BootstrapPolicy() {}

    static Decision decide(Cycle c) {
        if (c.node().data() != DataDirectory.PRESENT && !c.node().isDown()) {
            return c.decide(
                    Rule.WAIT_FOR_BOOTSTRAP,
                    "the data directory is " + c.node().data() + ", and a PostgreSQL still runs on it",
                    Cycle.SHORTLY,
                    c.stop(StopMode.FAST, StopTimes.handover(c)));
        }
        boolean claimed = c.initializeClaimedByUs();
        boolean claimedByOther = c.cluster().initialize().isPresent() && !claimed;
        return switch (c.node().data()) {
            case EMPTY -> claimed ? create(c) : claimedByOther ? waitForOther(c) : claim(c);
            case INCOMPLETE ->
                claimed
                        ? c.decide(
                                Rule.BOOTSTRAP_GIVE_BACK,
                                "the data directory holds something that is no complete cluster",
                                giveBack(c))
                        : c.decide(Rule.WAIT_FOR_BOOTSTRAP, "the data directory holds no complete cluster");
            case PRESENT -> claimedByOther ? waitForOther(c) : publish(c, claimed);
            case UNKNOWN -> c.decide(Rule.DATA_UNREADABLE, "the data directory cannot be read");
        };
    }

    private static Decision waitForOther(Cycle c) {
        return c.decide(Rule.WAIT_FOR_BOOTSTRAP, "another member is creating the cluster", Cycle.SHORTLY);
    }

    private static Decision claim(Cycle c) {
        if (c.node().tags().nofailover()) {
            return c.decide(Rule.WAIT_FOR_BOOTSTRAP, "tagged nofailover: another member shall create the cluster");
        }
        if (!c.mayTryAgain()) {
            return c.decide(Rule.WAIT_FOR_BOOTSTRAP, "waiting before the next attempt", Cycle.SHORTLY);
        }
        return c.decide(
                Rule.BOOTSTRAP_CLAIM,
                "no cluster exists under this scope and the data directory is empty",
                Duration.ZERO,
                new Action.ClaimInitializeKey());
    }

    private static Decision create(Cycle c) {
        var failed = c.node().finished(JobKind.INITDB).filter(o -> !o.isDone());
        if (failed.isPresent()) {
            return c.decide(
                    Rule.BOOTSTRAP_GIVE_BACK,
                    "creating the cluster failed: " + failed.get(),
                    c.memory()
                            .with(m -> m.nextAttemptAt =
                                    java.util.Optional.of(c.now().plus(RETRY))),
                    Cycle.SHORTLY,
                    giveBack(c));
        }
        return c.decide(Rule.BOOTSTRAP_CREATE, "we hold the claim", Cycle.SHORTLY, new Action.InitializeDatabase());
    }

    private static Action giveBack(Cycle c) {
        return new Action.DropInitializeKey(
                c.cluster().initialize().orElseThrow().modRevision());
    }

    /**
     * Complete data without a published identifier: what we have just created, or an existing cluster whose DCS is new or was emptied.
     * Only data that was last written as a primary may found a cluster; a replica waits for its primary.
     */
    private static Decision publish(Cycle c, boolean claimed) {
        boolean primary = PrimaryDownPolicy.wasPrimary(c) || c.node().isRunningPrimary();
        // Also when tagged nofailover: nobody else has the data to found it from.
        if (!primary) {
            return c.decide(
                    Rule.WAIT_FOR_BOOTSTRAP,
                    "our data was last a replica's; the member that was the primary publishes the cluster");
        }
        if (c.node().isRunningPrimary() && c.unbounded()) {
            return LeaderPolicy.unbounded(c);
        }
        if (c.node().isRunning() || c.node().isDown()) {
            var identifier = c.node().control().map(ControlFacts::systemIdentifier);
            return identifier
                    .map(id -> c.decide(
                            Rule.BOOTSTRAP_PUBLISH,
                            (claimed ? "created" : "found") + " the database cluster " + id,
                            c.memory(),
                            Duration.ZERO,
                            publication(c, id),
                            List.of()))
                    .orElseGet(() -> c.decide(Rule.UNKNOWN_STATE, "the control file cannot be read", Cycle.SHORTLY));
        }
        return c.node().postgres() == PostgresState.HUNG
                ? PrimaryDownPolicy.hung(c)
                : c.decide(Rule.WAIT_FOR_START, "PostgreSQL is " + c.node().postgres(), Cycle.SHORTLY);
    }

    private static List<Action> publication(Cycle c, SystemIdentifier id) {
        var actions = new ArrayList<Action>();
        actions.add(new Action.WriteConfigIfMissing());
        // A primary that runs already is bounded before it asks, as when a key is taken back.
        actions.addAll(c.node().isRunningPrimary() ? ElectionPolicy.retake(c) : List.of(c.acquire()));
        actions.add(new Action.WriteInitializeKey(id));
        return actions;
    }
}
