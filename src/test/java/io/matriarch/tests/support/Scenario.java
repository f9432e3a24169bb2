package io.matriarch.tests.support;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Small steps that many scenarios share. */
public final class Scenario {
    /** A look that fails may be the fault's doing; one that goes on failing proves nothing any more. */
    private static final int FAILED_LOOKS = 10;

    private Scenario() {}

    /** Keeps a fault in force for that long while the condition, looked at again and again, must keep holding. */
    public static void holdFor(Duration time, String claim, Eventually.Condition condition) {
        long end = System.nanoTime() + time.toNanos();
        AtomicInteger failed = new AtomicInteger();
        Eventually.find("the end of the fault after " + time.toSeconds() + " s", time.plusSeconds(60), () -> {
            if (!holds(condition, claim, failed)) {
                throw new AssertionError("no longer true: " + claim);
            }
            return System.nanoTime() >= end
                    ? Eventually.Look.found(true)
                    : Eventually.Look.missing("still within the time");
        });
    }

    private static boolean holds(Eventually.Condition condition, String claim, AtomicInteger failed) {
        try {
            boolean holds = condition.holds();
            failed.set(0);
            return holds;
        } catch (Exception e) {
            if (failed.incrementAndGet() >= FAILED_LOOKS) {
                throw new AssertionError("cannot be looked at any more: " + claim, e);
            }
            return true;
        }
    }

    /** How often the leadership moved, by the timelines of the acknowledged rows. */
    public static int promotions(Verdict verdict) {
        List<String> timelines = verdict.reigns().stream()
                .map(Verdict.Reign::timeline)
                .distinct()
                .toList();
        return Math.max(0, timelines.size() - 1);
    }

    /** The member's own account of its newest decisions, as JSON text; empty when it does not answer. */
    public static String decisions(Member member) {
        try {
            return member.http().get(member.restUrl("/matriarch/decisions")).body();
        } catch (java.io.IOException silent) {
            return "";
        }
    }
}
