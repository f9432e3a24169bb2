package io.matriarch.tests.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A cluster of real agents, real PostgreSQL and real etcd, which knows when it is healthy. */
public final class MatriarchCluster implements AutoCloseable {
    /** Enough for a fresh cluster on a busy machine of two cores. */
    public static final Duration START_LIMIT = Duration.ofSeconds(240);

    /** Enough for every rejoin, a new base backup included. */
    public static final Duration HEAL_LIMIT = Duration.ofSeconds(120);

    private final ClusterPlan plan;
    private final Path directory;
    private final Etcd etcd;
    private final List<Member> members;

    private MatriarchCluster(ClusterPlan plan, Path directory, Etcd etcd, List<Member> members) {
        this.plan = plan;
        this.directory = directory;
        this.etcd = etcd;
        this.members = List.copyOf(members);
    }

    /** Starts etcd and all members on loopback, waits until the cluster is healthy and ready for writers. */
    public static MatriarchCluster start(ClusterPlan plan) {
        return start(plan, List.of(), List.of());
    }

    /** The same on the given hosts; empty lists mean loopback. */
    public static MatriarchCluster start(ClusterPlan plan, List<Host> etcdHosts, List<Host> memberHosts) {
        MatriarchCluster cluster = prepare(plan, etcdHosts, memberHosts);
        try {
            cluster.startMembers();
            return cluster;
        } catch (RuntimeException | Error e) {
            FailedRun.keep("cluster-start", cluster);
            cluster.close();
            throw e;
        }
    }

    /** Starts etcd and writes the members' configuration; no member runs yet. */
    public static MatriarchCluster prepare(ClusterPlan plan, List<Host> etcdHosts, List<Host> memberHosts) {
        Path directory = Workplace.newDirectory();
        Etcd etcd = Etcd.start(directory.resolve("etcd"), fill(etcdHosts, plan.etcdMembers()));
        List<Member> members = new ArrayList<>();
        for (Host host : fill(memberHosts, plan.members())) {
            String name = "pg" + (members.size() + 1);
            Path own = directory.resolve(name);
            Workplace.ownedByPostgres(own, own.resolve("pg"), own.resolve("state"));
            Member member = new Member(name, host, own, plan.software(name), plan.rest());
            member.configure(plan.yaml(member, etcd.endpoints()));
            members.add(member);
        }
        MatriarchCluster cluster = new MatriarchCluster(plan, directory, etcd, members);
        OnExit.add(cluster::killEverything);
        return cluster;
    }

    private static List<Host> fill(List<Host> hosts, int count) {
        return hosts.isEmpty()
                ? Stream.generate(() -> Host.LOOPBACK).limit(count).toList()
                : hosts;
    }

    /** Starts all members of a prepared cluster and waits until they are healthy and the writers' table is there. */
    public void startMembers() {
        startMembers(members);
    }

    /** The same for the first ones of a cluster that others join later. */
    public void startMembers(List<Member> first) {
        first.forEach(Member::start);
        Eventually.find("healthy, or no agent left", START_LIMIT, () -> {
            if (first.stream().noneMatch(Member::agentRuns)) {
                return Eventually.Look.found(false);
            }
            return Health.look(first, leaderKey()).map(leader -> true);
        });
        if (first.stream().noneMatch(Member::agentRuns)) {
            throw new AssertionError("all agents ended while they should have started: see their logs");
        }
        AckTable.create(primary().endpoint());
        waitCaughtUp(HEAL_LIMIT, first);
    }

    /** A further, not yet started member with the next free name, or with the given one. */
    public Member addMember(Optional<String> name, String folder) {
        Path own = directory.resolve(folder);
        Workplace.ownedByPostgres(own, own.resolve("pg"), own.resolve("state"));
        Member member = new Member(name.orElse(folder), Host.LOOPBACK, own, Member.Software.MATRIARCH, plan.rest());
        member.configure(plan.yaml(member, etcd.endpoints()));
        OnExit.add(() -> Signals.send("KILL", member.allPids()));
        return member;
    }

    public ClusterPlan plan() {
        return plan;
    }

    public Etcd etcd() {
        return etcd;
    }

    public List<Member> members() {
        return members;
    }

    public Member member(String name) {
        return members.stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no member " + name));
    }

    /** The member that leads now and accepts writes; waits for one. */
    public Member primary() {
        return Eventually.find("a primary", HEAL_LIMIT, () -> {
            List<String> recovering = new ArrayList<>();
            for (Member member : members) {
                String state = Health.recoveryState(member);
                if (state.equals("primary")) {
                    return Eventually.Look.found(member);
                }
                recovering.add(member.name() + " " + state);
            }
            return Eventually.Look.missing(String.join(", ", recovering));
        });
    }

    /** All members but the primary. */
    public List<Member> replicas() {
        Member primary = primary();
        return members.stream().filter(m -> !m.equals(primary)).toList();
    }

    /** The holder of the leader key in etcd, if there is one. */
    public Optional<String> leaderKey() {
        String holder = etcd.value("/service/" + plan.scope() + "/leader");
        return holder.isEmpty() ? Optional.empty() : Optional.of(holder);
    }

    /** Blocks until one member leads and all others stream from it, by REST, SQL and etcd alike; gives the leader. */
    public Member waitHealthy(Duration limit) {
        return waitHealthy(limit, members);
    }

    /** The same for these members alone. */
    public Member waitHealthy(Duration limit, List<Member> expected) {
        return Eventually.find("one leader, all others streaming", limit, () -> Health.look(expected, leaderKey()));
    }

    /** Blocks until the given member leads and is writable. */
    public void waitForLeader(Member member, Duration limit) {
        Eventually.find(member.name() + " leads", limit, () -> {
            String state = Health.recoveryState(member);
            return state.equals("primary") && leaderKey().equals(Optional.of(member.name()))
                    ? Eventually.Look.found(true)
                    : Eventually.Look.missing("it is " + state + ", leader key " + leaderKey());
        });
    }

    /** Blocks until another member than this one leads and is writable; gives it. */
    public Member waitForOtherLeader(Member former, Duration limit) {
        return Eventually.find("a leader other than " + former.name(), limit, () -> {
            for (Member member : members) {
                if (!member.equals(former) && Health.recoveryState(member).equals("primary")) {
                    return Eventually.Look.found(member);
                }
            }
            return Eventually.Look.missing("leader key " + leaderKey());
        });
    }

    /** Blocks until every replica has replayed all that the primary has written. */
    public void waitCaughtUp(Duration limit) {
        waitCaughtUp(limit, members);
    }

    private void waitCaughtUp(Duration limit, List<Member> expected) {
        Member primary = primary();
        Eventually.find("all replicas caught up with " + primary.name(), limit, () -> {
            String lsn = Sql.ask(primary.endpoint(), "select pg_current_wal_flush_lsn()");
            for (Member member : expected) {
                String caughtUp = "select not pg_is_in_recovery() or pg_last_wal_replay_lsn() >= '" + lsn + "'::pg_lsn";
                if (!Sql.ask(member.endpoint(), caughtUp).equals("t")) {
                    return Eventually.Look.missing(member.name() + " has not replayed " + lsn);
                }
            }
            return Eventually.Look.found(true);
        });
    }

    /** Asks for a switchover by REST and gives the answer. */
    public Http.Answer switchover(Member from, Member to) throws IOException {
        String body = "{\"leader\":\"" + from.name() + "\",\"candidate\":\"" + to.name() + "\"}";
        return from.http().post(from.restUrl("/switchover"), body);
    }

    /** Merges a JSON document into the dynamic configuration, over REST of the primary; it must be taken. */
    public void configure(String patch) throws IOException {
        var node = primary();
        var answer = node.http().send("PATCH", node.restUrl("/config"), Optional.of(patch), Duration.ofSeconds(10));
        // Not by an assertion: the bench has none of their classes.
        if (answer.status() != 200) {
            throw new IllegalStateException(patch + " was answered by " + answer.status() + ": " + answer.body());
        }
    }

    /** Changes {@code ttl} in the dynamic configuration and waits until the leader's lease was granted with it. */
    public void changeTtl(int seconds) {
        String config = "/service/" + plan.scope() + "/config";
        String json = etcd.value(config);
        String changed = json.contains("\"ttl\"")
                ? json.replaceFirst("\"ttl\"\\s*:\\s*\\d+", "\"ttl\":" + seconds)
                : json.replaceFirst("\\{", "{\"ttl\":" + seconds + (json.equals("{}") ? "" : ","));
        etcd.put(config, changed);
        Eventually.find("a lease of " + seconds + " s", HEAL_LIMIT, () -> {
            int granted = etcd.grantedTtl("/service/" + plan.scope() + "/leader");
            return granted == seconds
                    ? Eventually.Look.found(true)
                    : Eventually.Look.missing("it was granted for " + granted + " s");
        });
    }

    /** Undoes what a fault left behind: etcd runs, nothing is frozen, all agents run. Does not wait for health. */
    public void repair() {
        members.forEach(m -> Signals.send("CONT", m.allPids()));
        etcd.startAll();
        members.stream().filter(m -> !m.agentRuns()).forEach(Member::start);
    }

    /** Where everything of this cluster lies. */
    public Path directory() {
        return directory;
    }

    /** One line that tells what each member is by its own words. */
    public String describe() {
        return members.stream()
                .map(m -> m.name() + "=" + Health.recoveryState(m) + (m.agentRuns() ? "" : " (no agent)"))
                .collect(Collectors.joining(", "));
    }

    private void killEverything() {
        members.forEach(m -> Signals.send("KILL", m.allPids()));
        etcd.nodes().forEach(Etcd.Node::kill);
    }

    /** Stops all processes of this cluster and removes its directory. */
    @Override
    public void close() {
        members.forEach(m -> Signals.send("CONT", m.allPids()));
        // Replicas first: the last one to go has nobody to hand over to.
        members.stream()
                .sorted(Comparator.comparing(m -> Health.recoveryState(m).equals("primary") ? 1 : 0))
                .forEach(Member::destroy);
        Set<Long> left = members.stream().flatMap(m -> m.allPids().stream()).collect(Collectors.toSet());
        etcd.nodes().forEach(Etcd.Node::thaw);
        etcd.close();
        Workplace.remove(directory);
        if (!left.isEmpty()) {
            throw new IllegalStateException("still running: " + left);
        }
    }

    /** What each member's log says, newest last; for the report of a failed test. */
    public Map<String, List<Path>> logs() {
        return members.stream().collect(Collectors.toMap(Member::name, Member::logs));
    }

    /** Whether the launcher that every member is started with is there. */
    public static boolean launcherExists() {
        return Files.isExecutable(Path.of(Workplace.launcher().get(0)));
    }
}
