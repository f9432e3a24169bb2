package io.matriarch.backup;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** What this manager knows of itself and of the others. The manager's threads write, whoever asks reads. */
@ApplicationScoped
public class ManagerBoard {
    /** A turn of whoever judges takes seconds; beyond that it hangs, as on a mount that is gone. */
    private static final Duration LONGEST_JUDGEMENT = Duration.ofMinutes(5);

    private final LongSupplier nanos;
    private volatile ManagerStatus status = new ManagerStatus("", Optional.empty(), false, List.of(), List.of());
    private volatile Optional<Judged> judged = Optional.empty();

    public ManagerBoard() {
        this(System::nanoTime);
    }

    /** @param nanos a clock that is never set */
    ManagerBoard(LongSupplier nanos) {
        this.nanos = nanos;
    }

    private record Judged(List<Promise> promises, long at) {}

    /**
     * One manager's view.
     *
     * @param self its name; empty before its first turn
     * @param elected who was elected when etcd answered last; empty when nobody is, or nobody knows
     * @param here whether that is this one, for certain
     * @param schedules in force, known to the elected one only
     * @param problems what is wrong with {@code matriarch.backup} of the dynamic configuration
     */
    public record ManagerStatus(
            String self, Optional<Elected> elected, boolean here, List<ScheduleLine> schedules, List<String> problems) {
        public ManagerStatus {
            schedules = List.copyOf(schedules);
            problems = List.copyOf(problems);
        }
    }

    /**
     * The elected manager.
     *
     * @param url of its REST interface
     * @param token its fencing token
     */
    public record Elected(String name, String url, long token) {}

    /**
     * One schedule.
     *
     * @param key in {@code matriarch.backup}
     * @param cron five fields; empty when it is off
     * @param next slots, at most five
     * @param last newest slot that was taken
     * @param outcome what became of that
     */
    public record ScheduleLine(
            String key,
            String job,
            Optional<String> cron,
            String zone,
            List<Instant> next,
            Optional<Instant> last,
            Optional<String> outcome) {
        public ScheduleLine {
            next = List.copyOf(next);
        }
    }

    /**
     * Something that must not stay away unnoticed.
     *
     * @param name stable, for machines
     * @param state whether it is kept
     * @param sentence for people: what is late or unknown, and what to do next
     * @param cause what broke it, in words that stay the same as long as nothing else does; empty where there is no more to say than the state
     */
    public record Promise(String name, State state, String sentence, String cause) {
        /** One whose state says all. */
        public Promise(String name, State state, String sentence) {
            this(name, state, sentence, "");
        }

        /** Whether whoever knows {@code before} knows all that must be told. */
        public boolean standsAs(Promise before) {
            return state == before.state && cause.equals(before.cause);
        }

        /** How it stands. */
        public enum State {
            KEPT,
            BROKEN,
            UNKNOWN
        }
    }

    private static final Promise UNJUDGED = new Promise(
            "promises",
            Promise.State.UNKNOWN,
            "nobody has judged the promises for more than " + LONGEST_JUDGEMENT.toMinutes()
                    + " minutes: this manager hangs, most likely while it reads the repository. See whether that answers, and start this manager"
                    + " again; another one takes over meanwhile");

    /** Replaces the status. */
    public void show(ManagerStatus now) {
        status = now;
    }

    /** This manager is the elected one and begins to judge; the promises stay as they were. */
    public void judging() {
        judged = judged.or(() -> Optional.of(new Judged(List.of(), nanos.getAsLong())));
    }

    /** Replaces the promises. */
    public void show(List<Promise> now) {
        judged = Optional.of(new Judged(List.copyOf(now), nanos.getAsLong()));
    }

    /** This manager is not the elected one: another judges. */
    public void showNone() {
        judged = Optional.empty();
    }

    public ManagerStatus status() {
        return status;
    }

    /**
     * As they were judged last, a few minutes ago at most; empty where this manager is not the elected one. When nobody has judged for longer,
     * nothing is known of any: one promise says so.
     */
    public List<Promise> promises() {
        return judged.map(this::asFarAsKnown).orElseGet(List::of);
    }

    private List<Promise> asFarAsKnown(Judged last) {
        var age = Duration.ofNanos(nanos.getAsLong() - last.at());
        return age.compareTo(LONGEST_JUDGEMENT) <= 0 ? last.promises() : List.of(UNJUDGED);
    }
}
