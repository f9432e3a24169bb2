package io.matriarch.ha.api;

import io.matriarch.ha.api.CommandResult.Ending;
import io.matriarch.ha.api.Schedules.Schedule;
import io.matriarch.ha.loop.RunningAgent;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.port.DcsUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * {@code switchover} and {@code failover}: checks in Patroni's order and with its texts, writes the {@code failover} key, and waits for
 * what the cluster makes of it.
 */
final class SwitchoverCommand {
    private static final Duration ASK_BOUND = Duration.ofSeconds(2);
    private static final Duration LEAST_WAIT = Duration.ofSeconds(10);

    private final RunningAgent agent;
    private final StatusWaiter waiter;

    SwitchoverCommand(RunningAgent agent, StatusWaiter waiter) {
        this.agent = agent;
        this.waiter = waiter;
    }

    CommandResult run(SwitchoverRequest asked) throws DcsUnavailableException {
        var cluster = agent.ports().dcs().read();
        Optional<Instant> at = Optional.empty();
        var wrong = wording(asked, cluster);
        if (wrong.isPresent()) {
            return CommandResult.invalid(wrong.get());
        }
        if (asked.scheduledAt().isPresent()) {
            switch (Schedules.parse(
                    asked.scheduledAt().get(),
                    asked.action(),
                    agent.ports().clock().wallClock())) {
                case Schedule.At when -> at = Optional.of(when.when());
                case Schedule.Refused refused -> {
                    return refused.answer();
                }
            }
        }
        if (cluster.config().pause() && asked.candidate().isEmpty()) {
            return CommandResult.invalid("Switchover is possible only to a specific candidate in a paused state");
        }
        if (asked.leader().equals(asked.candidate())) {
            return CommandResult.invalid("Switchover target and source are the same");
        }
        boolean planned = asked.planned() || asked.leader().isPresent();
        var request = new SwitchoverRequest(planned, asked.leader(), asked.candidate(), asked.scheduledAt());
        if (at.isEmpty()) {
            var impossible = impossible(request, cluster);
            if (impossible.isPresent()) {
                return CommandResult.precondition(impossible.get());
            }
        }
        return write(request, at, cluster);
    }

    /** {@code DELETE /switchover}. */
    CommandResult cancel() throws DcsUnavailableException {
        var failover = agent.ports()
                .dcs()
                .read()
                .failover()
                .filter(f -> f.scheduledAt().isPresent());
        if (failover.isEmpty()) {
            return CommandResult.of(Ending.NOTHING_THERE, "no switchover is scheduled");
        }
        var outcome = agent.ports()
                .dcs()
                .writeFailover(Optional.empty(), Optional.of(failover.get().modRevision()));
        agent.wakeUps().wake("scheduled switchover deleted");
        return outcome.isDone()
                ? CommandResult.done("scheduled switchover deleted")
                : CommandResult.of(Ending.CONFLICT, "the switchover was changed by somebody else");
    }

    private static Optional<String> wording(SwitchoverRequest asked, ClusterView cluster) {
        if (!asked.planned() && asked.candidate().isEmpty()) {
            return Optional.of("Failover could be performed only to a specific candidate");
        }
        if (asked.planned() && asked.leader().isEmpty()) {
            return Optional.of("Switchover could be performed only from a specific leader");
        }
        if (asked.scheduledAt().isEmpty()) {
            return Optional.empty();
        }
        if (!asked.planned()) {
            return Optional.of("Failover can't be scheduled");
        }
        return cluster.config().pause()
                ? Optional.of("Can't schedule switchover in the paused state")
                : Optional.empty();
    }

    private Optional<String> impossible(SwitchoverRequest asked, ClusterView cluster) {
        var config = cluster.config();
        boolean priority = config.synchronousMode() == SynchronousMode.PRIORITY;
        Predicate<MemberView> listed =
                m -> cluster.sync().filter(s -> s.standbys().contains(m.name())).isPresent();
        if (asked.leader().isPresent() && !cluster.isLeader(asked.leader().get())) {
            return Optional.of("leader name does not match");
        }
        Map<MemberName, String> possible;
        if (asked.candidate().isPresent()) {
            var candidate = cluster.member(asked.candidate().get());
            if (asked.planned() && priority && candidate.filter(listed).isEmpty()) {
                return Optional.of("candidate name does not match with sync_standby");
            }
            if (candidate.isEmpty()) {
                return Optional.of("candidate does not exists");
            }
            possible = Map.of(candidate.get().name(), candidate.get().report().apiUrl());
        } else if (priority) {
            possible = urls(cluster, listed);
            if (possible.isEmpty()) {
                return Optional.of(asked.action() + " is not possible: can not find sync_standby");
            }
        } else {
            possible = urls(
                    cluster,
                    m -> !cluster.isLeader(m.name()) && !m.report().apiUrl().isEmpty());
            if (possible.isEmpty()) {
                return Optional.of(asked.action() + " is not possible: cluster does not have members except leader");
            }
        }
        boolean good =
                agent.ports().peers().ask(possible, ASK_BOUND).values().stream().anyMatch(SwitchoverCommand::isGood);
        return good
                ? Optional.empty()
                : Optional.of(asked.action() + " is not possible: no good candidates have been found");
    }

    private static boolean isGood(PeerView peer) {
        return peer.answered() && peer.wal().isPresent() && !peer.tags().nofailover() && !peer.watchdogFailed();
    }

    private static Map<MemberName, String> urls(ClusterView cluster, Predicate<MemberView> which) {
        return cluster.members().values().stream()
                .filter(which)
                .collect(Collectors.toMap(MemberView::name, m -> m.report().apiUrl(), (a, b) -> a, TreeMap::new));
    }

    private CommandResult write(SwitchoverRequest asked, Optional<Instant> at, ClusterView before) {
        var dcs = agent.ports().dcs();
        // While nobody leads, the operator who names one takes upon himself what it lacks; a leader looks itself before
        // it hands over.
        boolean settled = !asked.planned() && before.leader().isEmpty();
        var request = new FailoverRequest(asked.leader(), asked.candidate(), at, settled, new Revision(0));
        Revision written;
        try {
            if (!dcs.writeFailover(Optional.of(request), Optional.empty()).isDone()) {
                return CommandResult.unavailable("failed to write failover key into DCS");
            }
            agent.wakeUps().wake(asked.action() + " asked for");
            if (at.isPresent()) {
                return CommandResult.accepted("Switchover scheduled");
            }
            // A view is judged only if it can show what was written just now.
            written = dcs.read().revision();
        } catch (DcsUnavailableException e) {
            return CommandResult.unavailable("failed to write failover key into DCS");
        }
        var limit = before.config().loopWait().compareTo(LEAST_WAIT) > 0
                ? before.config().loopWait()
                : LEAST_WAIT;
        var bound = limit.multipliedBy(2);
        return waiter.await(status -> ended(asked, before, written, status), bound)
                .orElseGet(() -> CommandResult.unavailable(title(asked) + " status unknown after " + bound.toSeconds()
                        + " seconds; operation may still be in progress"));
    }

    static Optional<CommandResult> ended(
            SwitchoverRequest asked, ClusterView before, Revision written, NodeStatus status) {
        if (!(status.dcs() instanceof DcsView.Reachable seen)
                || seen.cluster().revision().value() < written.value()) {
            return Optional.empty();
        }
        var leader = seen.cluster().leaderName();
        if (leader.isPresent() && !leader.equals(before.leaderName())) {
            return Optional.of(CommandResult.done(success(asked, leader.get())));
        }
        if (seen.cluster().failover().isEmpty() && leader.isPresent()) {
            return Optional.of(CommandResult.unavailable(title(asked) + " failed"));
        }
        return Optional.empty();
    }

    private static String success(SwitchoverRequest asked, MemberName leader) {
        String verb = asked.planned() ? "witched over" : "ailed over";
        String first = asked.planned() ? "S" : "F";
        return asked.candidate().isEmpty() || asked.candidate().get().equals(leader)
                ? "Successfully " + first.toLowerCase(java.util.Locale.ROOT) + verb + " to \"" + leader + "\""
                : first + verb + " to \"" + leader + "\" instead of \""
                        + asked.candidate().get() + "\"";
    }

    private static String title(SwitchoverRequest asked) {
        return asked.planned() ? "Switchover" : "Failover";
    }
}
