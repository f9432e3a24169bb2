package io.matriarch.tests.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** One member of a cluster: its agent as a real process, the fence beside it, and PostgreSQL. */
public final class Member {
    private final String name;
    private final Host host;
    private final int postgresPort;
    private final int restPort;
    private final Path directory;
    private final Software software;
    private final Optional<ClusterPlan.Rest> rest;
    private Optional<Daemon> agent = Optional.empty();

    /** What runs a member. Both read the same configuration file. */
    public enum Software {
        MATRIARCH {
            @Override
            List<String> command(Member member) {
                List<String> command = new ArrayList<>(Workplace.launcher());
                command.addAll(List.of("run", member.configuration().toString()));
                command.addAll(List.of("--state-dir", member.stateDirectory().toString()));
                return command;
            }
        },
        PATRONI {
            @Override
            List<String> command(Member member) {
                List<String> command = new ArrayList<>(SinglePostgres.asPostgres());
                command.addAll(List.of("patroni", member.configuration().toString()));
                return command;
            }
        };

        abstract List<String> command(Member member);
    }

    Member(String name, Host host, Path directory, Software software, Optional<ClusterPlan.Rest> rest) {
        this.name = name;
        this.host = host;
        this.postgresPort = host.port(Host.Service.POSTGRES);
        this.restPort = host.port(Host.Service.REST);
        this.directory = directory;
        this.software = software;
        this.rest = rest;
    }

    public String name() {
        return name;
    }

    public Host host() {
        return host;
    }

    public int postgresPort() {
        return postgresPort;
    }

    public int restPort() {
        return restPort;
    }

    public Software software() {
        return software;
    }

    /** Holds all that belongs to this member. */
    public Path directory() {
        return directory;
    }

    public Path dataDirectory() {
        return directory.resolve("pg").resolve("data");
    }

    public Path stateDirectory() {
        return directory.resolve("state");
    }

    public Path configuration() {
        return directory.resolve(name + ".yml");
    }

    public Path agentLog() {
        return directory.resolve("agent.log");
    }

    /** The member's REST address. */
    public String restUrl(String path) {
        return (rest.isPresent() ? "https://" : "http://") + host.address() + ":" + restPort + path;
    }

    /** How to ask its REST interface. */
    public Http http() {
        return rest.map(ClusterPlan.Rest::http).orElseGet(host::http);
    }

    /** Where clients connect. */
    public Endpoint endpoint() {
        return host.bySocket()
                ? Endpoint.socket(name, directory.resolve(".s.PGSQL." + postgresPort))
                : Endpoint.tcp(name, host.address(), postgresPort);
    }

    /** Starts the agent in the foreground of a process of its own. */
    public void start() {
        start(Map.of());
    }

    /** The same with more in its environment. */
    public void start(Map<String, String> environment) {
        if (agent.map(Daemon::running).orElse(false)) {
            throw new IllegalStateException("the agent of " + name + " runs already");
        }
        agent = Optional.of(Daemon.start("agent of " + name, host.on(software.command(this)), environment, agentLog()));
    }

    /** The agent's process, whether it still runs or not. */
    public Daemon agent() {
        return agent.orElseThrow(() -> new IllegalStateException("the agent of " + name + " was never started"));
    }

    public boolean agentRuns() {
        return agent.map(Daemon::running).orElse(false);
    }

    /** A command of the shell, at this member's REST interface. */
    public Command.Result matriarch(String... command) {
        List<String> all = new ArrayList<>(Workplace.launcher());
        all.addAll(List.of(command));
        all.addAll(List.of("--url", restUrl("")));
        return Command.tryRun(all);
    }

    /** The fence's process id, when it runs. */
    public OptionalLong fencePid() {
        return Signals.fromPidFile(stateDirectory().resolve("fence").resolve("fence.pid"));
    }

    /** The fence's process id. */
    public long fence() {
        return fencePid().orElseThrow(() -> new AssertionError("no fence runs beside " + name));
    }

    /** The postmaster's process id, when it runs. */
    public OptionalLong postmasterPid() {
        return Signals.fromPidFile(dataDirectory().resolve("postmaster.pid"));
    }

    /** The postmaster's process id. */
    public long postmaster() {
        return postmasterPid().orElseThrow(() -> new AssertionError("no postmaster runs on " + name));
    }

    /** Everything of this member that runs: agent, fence, postmaster and their descendants. */
    public Set<Long> allPids() {
        Set<Long> pids = new LinkedHashSet<>();
        postmasterPid().ifPresent(pid -> pids.addAll(Signals.tree(pid)));
        fencePid().ifPresent(pid -> pids.addAll(Signals.tree(pid)));
        agent.filter(Daemon::running).ifPresent(a -> pids.addAll(Signals.tree(a.pid())));
        return pids;
    }

    /** Stops the agent as a service manager would and waits for its end. */
    public int stop(Duration limit) {
        agent().signal("TERM");
        return agent().awaitExit(limit);
    }

    /** Leaves nothing of this member running, in whatever state it is. */
    public void destroy() {
        Signals.send("CONT", allPids());
        agent.ifPresent(a -> a.stop(Duration.ofSeconds(20)));
        fencePid().ifPresent(pid -> end(pid, "TERM"));
        postmasterPid().ifPresent(pid -> end(pid, "QUIT"));
        Signals.send("KILL", allPids());
    }

    private static void end(long pid, String signal) {
        Signals.send(signal, pid);
        try {
            Eventually.holds("end of " + pid, Duration.ofSeconds(10), () -> !Signals.alive(pid));
        } catch (AssertionError stubborn) {
            Signals.send("KILL", Signals.tree(pid));
        }
    }

    /** Writes the configuration file. */
    public void configure(String yaml) {
        try {
            Files.writeString(configuration(), yaml);
        } catch (IOException e) {
            throw new IllegalStateException("cannot write " + configuration(), e);
        }
    }

    /** PostgreSQL's log and the agent's, which a failed test shows. */
    public List<Path> logs() {
        List<Path> found = new ArrayList<>();
        for (Path folder : List.of(directory, stateDirectory(), dataDirectory())) {
            collectLogs(folder, found);
        }
        return found;
    }

    private static void collectLogs(Path folder, List<Path> found) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var files = Files.walk(folder, 5)) {
            files.filter(Files::isRegularFile)
                    .filter(f -> f.toString().endsWith(".log") || f.toString().endsWith(".jsonl"))
                    .filter(f -> !f.toString().contains("/base/"))
                    .filter(f -> !found.contains(f))
                    .forEach(found::add);
        } catch (IOException | java.io.UncheckedIOException vanished) {
            // A directory that PostgreSQL removes meanwhile is no reason to hide the failure being reported.
            found.add(folder.resolve("unreadable.log"));
        }
    }
}
