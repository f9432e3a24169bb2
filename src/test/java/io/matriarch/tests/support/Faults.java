package io.matriarch.tests.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What can go wrong with one member, done to it at a known moment. */
public final class Faults {
    private Faults() {}

    /** The postmaster dies; its children find out by themselves. Gives the moment. */
    public static long killPostmaster(Member member) {
        return hit("KILL", List.of(member.postmaster()));
    }

    /** Somebody stops PostgreSQL by hand, past the agent: {@code fast}, as {@code pg_ctl stop} does. */
    public static long stopPostgresByHand(Member member) {
        return hit("INT", List.of(member.postmaster()));
    }

    public static long freezePostmaster(Member member) {
        return hit("STOP", List.of(member.postmaster()));
    }

    public static long killAgent(Member member) {
        return gone(hit("KILL", List.of(member.agent().pid())), List.of(member));
    }

    public static long killFence(Member member) {
        return hit("KILL", List.of(member.fence()));
    }

    public static long killAgentAndFence(Member member) {
        return gone(hit("KILL", List.of(member.agent().pid(), member.fence())), List.of(member));
    }

    public static long freezeAgent(Member member) {
        return hit("STOP", List.of(member.agent().pid()));
    }

    public static long freezeFence(Member member) {
        return hit("STOP", List.of(member.fence()));
    }

    /** Everything of this member dies at the same moment, as when its host loses power. */
    public static long loseHost(Member member) {
        return loseHosts(List.of(member));
    }

    /** Everything of these members dies at the same moment. */
    public static long loseHosts(List<Member> members) {
        // Frozen first, so that no process of the victim sees another one die and no new ones come up meanwhile.
        List<Long> pids = new ArrayList<>();
        members.forEach(m -> pids.addAll(m.allPids()));
        Signals.send("STOP", pids);
        members.forEach(m -> pids.addAll(m.allPids()));
        return gone(hit("KILL", pids.stream().distinct().toList()), members);
    }

    /** Lets everything of this member go on. */
    public static void thaw(Member member) {
        Signals.send("CONT", member.allPids());
    }

    /** Waits until the killed agents have really ended, so that they can be started again. */
    private static long gone(long at, List<Member> members) {
        members.stream().filter(Member::agentRuns).forEach(m -> m.agent().awaitExit(Duration.ofSeconds(10)));
        return at;
    }

    private static long hit(String signal, List<Long> pids) {
        long at = System.nanoTime();
        Signals.send(signal, pids);
        return at;
    }
}
