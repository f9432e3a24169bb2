package io.matriarch.ha.api;

import io.matriarch.ha.api.CommandResult.Ending;
import io.matriarch.ha.loop.RunningAgent;
import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.JobView;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.Revision;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Commands for this member alone: they are put before the loop and carried out by it. */
final class LocalCommands {
    private static final Duration STOPPING = Duration.ofSeconds(60);

    private final RunningAgent agent;
    private final StatusWaiter waiter;

    LocalCommands(RunningAgent agent, StatusWaiter waiter) {
        this.agent = agent;
        this.waiter = waiter;
    }

    CommandResult restart(RestartRequest asked, NodeStatus before) {
        if (!conditionsHold(asked, before)) {
            return CommandResult.unavailable("restart conditions are not satisfied");
        }
        var busy = busy(before);
        if (busy.isPresent()) {
            return CommandResult.unavailable(busy.get() + " already in progress");
        }
        if (!agent.inbox().ask(LocalRequest.RESTART)) {
            return CommandResult.unavailable(word(agent.inbox().request()) + " already in progress");
        }
        agent.wakeUps().wake("restart asked for");
        var startWithin = asked.timeout()
                .orElseGet(() -> before.dcs()
                        .lastKnown()
                        .map(c -> c.config())
                        .orElse(ClusterConfig.DEFAULTS)
                        .primaryStartTimeout());
        return waiter.await(status -> restarted(before, status), STOPPING.plus(startWithin))
                .orElseGet(() -> CommandResult.unavailable("postgres is still starting"));
    }

    private Optional<CommandResult> restarted(NodeStatus before, NodeStatus now) {
        boolean another =
                now.postgresStartedAt().isPresent() && !now.postgresStartedAt().equals(before.postgresStartedAt());
        if (another && now.node().isRunning()) {
            return Optional.of(CommandResult.done("restarted successfully"));
        }
        boolean handedOver = before.holdsLock()
                && now.dcs()
                        .lastKnown()
                        .flatMap(c -> c.leaderName())
                        .filter(l -> !l.equals(now.self()))
                        .isPresent();
        return handedOver
                ? Optional.of(CommandResult.unavailable("restart failed: another member took over"))
                : Optional.empty();
    }

    private static boolean conditionsHold(RestartRequest asked, NodeStatus status) {
        boolean role =
                asked.role().filter(wanted -> !wanted.equals(role(status))).isEmpty();
        boolean older = asked.olderThan()
                .filter(version -> status.serverVersion() >= version)
                .isEmpty();
        return role
                && older
                && (!asked.onlyIfPending() || !status.pendingRestart().isEmpty());
    }

    private static String role(NodeStatus status) {
        if (status.memberRole() == MemberRole.STANDBY_LEADER) {
            return status.memberRole().wire();
        }
        return status.node().role() == PostgresRole.PRIMARY ? "primary" : "replica";
    }

    CommandResult reinitialize(NodeStatus status) {
        var leader = status.dcs().lastKnown().flatMap(c -> c.leaderName());
        if (leader.isEmpty()) {
            return CommandResult.unavailable("Cluster has no leader, can not reinitialize");
        }
        if (status.holdsLock() || leader.get().equals(status.self())) {
            return CommandResult.unavailable("I am the leader, can not reinitialize");
        }
        var busy = busy(status);
        if (busy.isPresent()) {
            return CommandResult.unavailable(busy.get() + " already in progress");
        }
        if (!agent.inbox().ask(LocalRequest.REINITIALIZE)) {
            return CommandResult.unavailable(word(agent.inbox().request()) + " already in progress");
        }
        agent.wakeUps().wake("reinitialize asked for");
        return CommandResult.done("reinitialize started");
    }

    /** The leader announces itself without the DCS: this member promises not to race for a ttl. */
    CommandResult failsafe(MemberName leader, Optional<Revision> since, NodeStatus status) {
        // An agent that started without the DCS does not know; its promise harms nobody.
        boolean off = status.dcs()
                .lastKnown()
                .map(c -> c.config())
                .filter(config -> !config.failsafeMode())
                .isPresent();
        if (off) {
            return CommandResult.of(Ending.NOT_PROVIDED, "failsafe_mode is off");
        }
        if (status.holdsLock()
                || !agent.inbox().announce(leader, since, agent.ports().clock().now())) {
            return CommandResult.of(Ending.REFUSED, "Running as a leader");
        }
        agent.wakeUps().wake("a leader without the DCS announced itself");
        return CommandResult.done("Accepted");
    }

    private static Optional<String> busy(NodeStatus status) {
        // A checkpoint changes nothing that a restart could leave half done.
        return status.node()
                .job()
                .filter(JobView::isRunning)
                .map(JobView::kind)
                .filter(kind -> kind != JobKind.CHECKPOINT)
                .map(kind -> kind.name().toLowerCase(Locale.ROOT));
    }

    private static String word(LocalRequest request) {
        return request.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
