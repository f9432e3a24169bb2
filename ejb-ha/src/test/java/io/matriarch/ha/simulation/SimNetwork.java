package io.matriarch.ha.simulation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** Links between hosts, each direction for itself: latency with jitter, retransmissions, and cuts. */
final class SimNetwork {
    /** The name under which the etcd cluster is on the network. */
    static final String ETCD = "etcd";

    private static final long BASE = 150 * EventScheduler.MICRO;
    private static final long JITTER = 400 * EventScheduler.MICRO;
    private static final long RETRANSMISSION = 200 * EventScheduler.MILLI;

    private final SplittableRandom random;
    private final Set<Link> cuts = new HashSet<>();
    private final Map<Link, Long> slow = new HashMap<>();
    private double loss;
    private boolean lateRequests;

    SimNetwork(SplittableRandom random) {
        this.random = random;
    }

    /** Whether a message sent now arrives at all. */
    boolean delivers(String from, String to) {
        return from.equals(to) || !cuts.contains(new Link(from, to));
    }

    boolean delivers(String from, String to, boolean bothWays) {
        return delivers(from, to) && (!bothWays || delivers(to, from));
    }

    /** How long a message sent now is on its way; a lost packet is sent again. */
    long latency(String from, String to) {
        if (from.equals(to)) {
            return 30 * EventScheduler.MICRO;
        }
        long result = BASE + random.nextLong(JITTER) + slow.getOrDefault(new Link(from, to), 0L);
        for (int i = 0; i < 3 && loss > 0 && random.nextDouble() < loss; i++) {
            result += RETRANSMISSION << i;
        }
        return result;
    }

    void cut(String from, String to) {
        cuts.add(new Link(from, to));
    }

    void cutBothWays(String a, String b) {
        cut(a, b);
        cut(b, a);
    }

    void mend(String from, String to) {
        cuts.remove(new Link(from, to));
    }

    void mendBothWays(String a, String b) {
        mend(a, b);
        mend(b, a);
    }

    void slow(String from, String to, long extraNanos) {
        if (extraNanos == 0) {
            slow.remove(new Link(from, to));
        } else {
            slow.put(new Link(from, to), extraNanos);
        }
    }

    /** The share of packets that are lost and sent again. */
    void loss(double share) {
        loss = share;
    }

    /** Whether a request takes effect although its sender does not wait for it any more. */
    boolean lateRequests() {
        return lateRequests;
    }

    void lateRequests(boolean takeEffect) {
        lateRequests = takeEffect;
    }

    void healAll() {
        cuts.clear();
        slow.clear();
        loss = 0;
    }

    private record Link(String from, String to) {}
}
