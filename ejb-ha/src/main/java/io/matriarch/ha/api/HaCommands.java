package io.matriarch.ha.api;

import io.matriarch.ha.api.CommandResult.Ending;
import io.matriarch.ha.config.ConfigPatch;
import io.matriarch.ha.config.MemberConfig.Reloaded;
import io.matriarch.ha.config.RestApiConfig;
import io.matriarch.ha.decide.Rule;
import io.matriarch.ha.health.HealthState;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.loop.AgentHolder;
import io.matriarch.ha.loop.Identity;
import io.matriarch.ha.loop.RunningAgent;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DecisionEntry;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.status.StatusBoardBean;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Everything that may be asked of this member or, through it, of the cluster. A command checks, writes (to the DCS for the cluster, into
 * the inbox for this member alone) and wakes the loop; what becomes of it is decided there. Thread safe; blocks as each method says.
 */
@ApplicationScoped
public class HaCommands {
    /** The version that the wire shows: Patroni's whose interface this is. */
    public static final String WIRE_VERSION = Identity.WIRE_VERSION;

    /** By which an agent is told from another one of its name. */
    public static final String INSTANCE = Identity.INSTANCE;

    private static final CommandResult NOT_RUNNING = CommandResult.unavailable("the agent is not running yet");

    private final AgentHolder holder;
    private final StatusBoardBean board;
    private final StatusWaiter waiter;

    /** For the container's proxy. */
    protected HaCommands() {
        this(new AgentHolder(), new StatusBoardBean(new HealthState()));
    }

    @Inject
    public HaCommands(AgentHolder holder, StatusBoardBean board) {
        this.holder = holder;
        this.board = board;
        this.waiter = new StatusWaiter(board);
    }

    /** This host's monotonic clock, by which a status ages. */
    public MonotonicTime now() {
        return holder.agent()
                .map(RunningAgent::ports)
                .map(ports -> ports.clock().now())
                .orElseGet(() -> new MonotonicTime(System.nanoTime()));
    }

    /** The newest status, without asking anybody; empty before the first cycle. */
    public Optional<NodeStatus> status() {
        return board.newest();
    }

    /** Asks PostgreSQL right now; empty when no agent runs here. Blocks for 600 ms at most, or behind one other look. */
    public Optional<PostgresNow> postgresNow() {
        return holder.agent().map(agent -> PostgresNow.of(agent.live().now()));
    }

    /** Who may call, by this member's configuration; nobody is refused by a member that has none yet. */
    public Access access() {
        return restapi().map(api -> Access.of(api, this::memberUrls)).orElse(Access.OPEN);
    }

    /** How the REST interface is to be served; empty on a server that was started without a configuration. */
    public Optional<RestApiConfig> restapi() {
        return holder.settings().map(s -> s.now().restapi());
    }

    /** Reads the cluster now; empty when the DCS did not answer. Blocks for at most the retry time-out. */
    public Optional<ClusterView> readCluster() {
        try {
            return Optional.of(agent().ports().dcs().read());
        } catch (DcsUnavailableException e) {
            return Optional.empty();
        }
    }

    /** The dynamic configuration as JSON. Blocks for at most the retry time-out. */
    public CommandResult config() {
        return withDcs(agent -> agent.ports()
                .dcs()
                .readConfig()
                .flatMap(stored -> Json.tryParseObject(stored.value()))
                .map(json -> CommandResult.done(Json.spaced(json)))
                .orElse(CommandResult.of(Ending.NOT_PROVIDED, "the cluster has no configuration")));
    }

    /** Merges {@code patch}, a JSON object, into the dynamic configuration; refused when somebody else changed it at the same time. */
    public CommandResult patchConfig(String patch) {
        return withDcs(agent -> {
            var dcs = agent.ports().dcs();
            var stored = dcs.readConfig();
            // A key that was lost may have said "paused", and then nobody else brings it back.
            var base = stored.map(v -> v.value())
                    .filter(v -> Json.tryParseObject(v).isPresent())
                    .or(agent.ports().control()::lastConfiguration);
            if (base.isEmpty()) {
                return CommandResult.unavailable("the cluster has no configuration");
            }
            var merged = ConfigPatch.applyJson(base.get(), patch);
            if (merged.isEmpty()) {
                return CommandResult.invalid("not a JSON object");
            }
            var answer = CommandResult.done(Json.spaced(Json.parse(merged.get())));
            if (stored.filter(v -> v.value().equals(base.get())).isPresent()
                    && Json.parse(merged.get()).equals(Json.parse(base.get()))) {
                return answer;
            }
            var expected = stored.map(v -> v.modRevision()).orElse(new Revision(0));
            var outcome = dcs.writeConfig(merged.get(), Optional.of(expected));
            agent.wakeUps().wake("configuration patched");
            return outcome.isDone()
                    ? answer
                    : CommandResult.of(Ending.CONFLICT, "the configuration was changed by somebody else");
        });
    }

    /** Replaces the dynamic configuration by {@code json}, a JSON object. */
    public CommandResult putConfig(String json) {
        return withAgent(agent -> {
            try {
                var value = Json.parse(json);
                boolean written = agent.ports()
                        .dcs()
                        .writeConfig(Json.compact(value), Optional.empty())
                        .isDone();
                agent.wakeUps().wake("configuration replaced");
                return written
                        ? CommandResult.done(Json.spaced(value))
                        : CommandResult.of(Ending.NOT_PROVIDED, "the configuration was not written");
            } catch (DcsUnavailableException e) {
                return CommandResult.of(Ending.NOT_PROVIDED, "the configuration was not written: " + e.getMessage());
            }
        });
    }

    /** Blocks until the leader has changed, at most 20 s (or twice {@code loop_wait}). */
    public CommandResult switchover(SwitchoverRequest request) {
        return withDcs(agent -> new SwitchoverCommand(agent, waiter).run(request));
    }

    public CommandResult cancelSwitchover() {
        return withDcs(agent -> new SwitchoverCommand(agent, waiter).cancel());
    }

    /** Blocks until PostgreSQL runs again, at most the request's time-out and a minute for stopping it. */
    public CommandResult restart(RestartRequest request) {
        return onMember((agent, status) -> new LocalCommands(agent, waiter).restart(request, status));
    }

    /** Sets this member's data aside and clones it anew; returns at once. */
    public CommandResult reinitialize() {
        return onMember((agent, status) -> new LocalCommands(agent, waiter).reinitialize(status));
    }

    /**
     * A leader without the DCS asks whether this member agrees that it goes on.
     *
     * @param since when it took the leader key, if it says so
     */
    public CommandResult announceFailsafe(MemberName leader, Optional<Revision> since) {
        return onMember((agent, status) -> new LocalCommands(agent, waiter).failsafe(leader, since, status));
    }

    /** Reads this member's file again; the loop applies what changed. A broken file changes nothing. Blocks for reading files. */
    public CommandResult reload() {
        return holder.reload().map(HaCommands::answer).orElse(NOT_RUNNING);
    }

    static CommandResult answer(Reloaded reloaded) {
        return switch (reloaded) {
            // Patroni's words and status whatever is left to do: who automates a reload goes by them.
            case Reloaded.Taken taken ->
                CommandResult.accepted("reload scheduled"
                        + (taken.needRestart().isEmpty()
                                ? ""
                                : ", but only a restart of the agent changes " + String.join(", ", taken.needRestart()))
                        + taken.warnings().stream()
                                .map(warning -> "\n" + warning)
                                .collect(Collectors.joining()));
            case Reloaded.Refused refused -> CommandResult.invalid(refused.toString());
        };
    }

    /** Calls {@code listener} after each reload with how the REST interface is to be served from now on. */
    public void onReload(Consumer<RestApiConfig> listener) {
        holder.settings().ifPresent(settings -> settings.onChange(config -> listener.accept(config.restapi())));
    }

    /** The newest decisions, newest first, each once. */
    public List<ExplainedDecision> decisions(int limit) {
        return holder.agent().map(agent -> agent.ports().journal().newest(limit)).orElse(List.of()).stream()
                .map(HaCommands::explain)
                .toList();
    }

    /** What this member does right now, and why. */
    public Optional<ExplainedDecision> currentDecision() {
        return board.newest().flatMap(NodeStatus::lastDecision).map(HaCommands::explain);
    }

    private static ExplainedDecision explain(DecisionEntry entry) {
        String sentence;
        try {
            sentence = Rule.valueOf(entry.rule()).sentence();
        } catch (IllegalArgumentException e) {
            // Written by another version, which had other rules.
            sentence = "";
        }
        return new ExplainedDecision(entry, sentence);
    }

    private List<String> memberUrls() {
        return board.newest()
                .flatMap(s -> s.dcs().lastKnown())
                .map(c -> c.members().values().stream()
                        .map(m -> m.report().apiUrl())
                        .toList())
                .orElse(List.of());
    }

    private RunningAgent agent() throws DcsUnavailableException {
        return holder.agent().orElseThrow(() -> new DcsUnavailableException(NOT_RUNNING.message()));
    }

    private CommandResult onMember(MemberCommand command) {
        return withAgent(agent ->
                board.newest().map(status -> command.run(agent, status)).orElse(NOT_RUNNING));
    }

    private CommandResult withAgent(Function<RunningAgent, CommandResult> command) {
        return holder.agent().map(command).orElse(NOT_RUNNING);
    }

    private CommandResult withDcs(DcsCommand command) {
        try {
            return command.run(agent());
        } catch (DcsUnavailableException e) {
            return CommandResult.unavailable("the DCS cannot be reached: " + e.getMessage());
        }
    }

    private interface DcsCommand {
        CommandResult run(RunningAgent agent) throws DcsUnavailableException;
    }

    private interface MemberCommand {
        CommandResult run(RunningAgent agent, NodeStatus status);
    }
}
