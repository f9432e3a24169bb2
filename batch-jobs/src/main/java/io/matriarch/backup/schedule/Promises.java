package io.matriarch.backup.schedule;

import io.matriarch.backup.ManagerBoard.Promise;
import io.matriarch.backup.ManagerBoard.Promise.State;
import io.matriarch.backup.WalStatus;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.catalogue.Proof;
import io.matriarch.backup.retention.Backup;
import io.matriarch.ha.model.BackupPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What must not stay away unnoticed, judged by the repository itself. A promise is broken when two slots of its schedule went by without. Pure. */
final class Promises {
    static final String BACKUP = "backup";
    static final String VERIFIED = "verified";
    static final String SOUND = "sound";
    static final String REPLAYED = "replayed";
    static final String REPOSITORY = "repository";

    private static final int SLOTS = 2;
    /** What a copy and its restore may take beyond that. */
    private static final Duration SLACK = Duration.ofMinutes(5);
    /** A manager that was just elected makes up for what was missed; that takes its time. */
    private static final Duration FIRST_RUN = Duration.ofMinutes(15);

    static final String SCHEDULER = "scheduler";
    /** A turn asks etcd a few questions; each has a bound of seconds. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(1);

    static final String WAL = "wal";
    /** WAL may be so old at most in the repository, counted from its commit. */
    private static final Duration WAL_ALLOWED = Duration.ofMinutes(5);

    private Promises() {}

    /** Whether the schedules are looked after, by a thread that hangs only if something is wrong with this manager. */
    static Promise scheduler(Duration sinceTurn) {
        return sinceTurn.compareTo(LONGEST_TURN) <= 0
                ? new Promise(SCHEDULER, State.KEPT, "the schedules are looked at each few seconds")
                : new Promise(
                        SCHEDULER,
                        State.BROKEN,
                        "this manager has not looked at the schedules for more than " + LONGEST_TURN.toSeconds()
                                + " s: its log says why; start it again, another manager takes over meanwhile");
    }

    /**
     * Whether the WAL stream keeps up; empty where it is switched off.
     *
     * @param segmentTime after which a segment that does not fill is ended
     * @param begun since when this manager judges
     */
    static Optional<Promise> wal(WalStatus wal, Duration segmentTime, Instant begun, Instant now) {
        if (wal.state() == WalStatus.State.OFF) {
            return Optional.empty();
        }
        if (wal.gap().isPresent()) {
            return Optional.of(new Promise(
                    WAL,
                    State.BROKEN,
                    "WAL is lacking: " + wal.gap().get() + "; take a base backup (matriarch backup)"));
        }
        var complete = wal.completeAt().filter(at -> at.isAfter(begun)).orElse(begun);
        boolean late = Duration.between(complete, now).compareTo(WAL_ALLOWED.plus(segmentTime)) > 0;
        var until =
                wal.completeAt().map(at -> "all WAL until " + at + " is stored").orElse("no WAL is stored yet");
        return Optional.of(
                late
                        ? new Promise(
                                WAL, State.BROKEN, until + ", and nothing since: " + wal.why() + " (matriarch wal)")
                        : new Promise(WAL, State.KEPT, until));
    }

    /**
     * How each promise stands.
     *
     * @param begun since when this manager judges
     */
    static List<Promise> judge(Catalogue.Listing listing, BackupPolicy policy, Instant begun, Instant now) {
        var promises = new ArrayList<Promise>();
        var schedule = Optional.ofNullable(policy.schedules().get(BackupPolicy.Job.BACKUP))
                .flatMap(cron -> schedule(cron, policy));
        schedule.ifPresent(s -> {
            promises.add(recent(BACKUP, "base backup", listing, e -> true, s, begun, now));
            if (policy.verify()) {
                promises.add(recent(
                        VERIFIED, "verified backup", listing, e -> e.state() == Backup.State.VERIFIED, s, begun, now));
            }
        });
        promises.add(sound(listing));
        replayed(listing).ifPresent(promises::add);
        return promises;
    }

    /** What the newest verification found beside the backup itself; empty before the first. */
    private static Optional<Promise> replayed(Catalogue.Listing listing) {
        return listing.entries().stream()
                .filter(e -> e.proof().isPresent() && e.state() != Backup.State.SUSPECT)
                .max(Comparator.comparing(Catalogue.Entry::since))
                .map(e -> e.proof()
                        .flatMap(Proof::complaint)
                        .map(why -> new Promise(
                                REPLAYED,
                                State.BROKEN,
                                "the verification of " + e.description().label() + " found: " + why
                                        + "; mend it and verify again (matriarch verify)",
                                e.description().label()))
                        .orElseGet(() -> new Promise(
                                REPLAYED,
                                State.KEPT,
                                "the newest verification, of " + e.description().label() + ", found nothing wrong")));
    }

    private static Optional<CronSchedule> schedule(String cron, BackupPolicy policy) {
        try {
            return Optional.of(new CronSchedule(cron, policy.zone()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Promise recent(
            String name,
            String what,
            Catalogue.Listing listing,
            Predicate<Catalogue.Entry> counts,
            CronSchedule schedule,
            Instant begun,
            Instant now) {
        var newest = listing.entries().stream()
                .filter(counts)
                .map(e -> e.description().stoppedAt())
                .max(Instant::compareTo);
        var slots = schedule.next(newest.orElse(begun), SLOTS);
        boolean late =
                slots.size() == SLOTS && now.isAfter(slots.getLast().plus(SLACK)) && now.isAfter(begun.plus(FIRST_RUN));
        var sentence = newest.map(at -> "the newest " + what + " is of " + at).orElse("there is no " + what + " yet");
        return new Promise(
                name,
                late ? State.BROKEN : State.KEPT,
                late
                        ? sentence + ", and the slots of " + slots.getFirst() + " and " + slots.getLast()
                                + " brought none: see what the last runs said (matriarch jobs)"
                        : sentence);
    }

    private static Promise sound(Catalogue.Listing listing) {
        var suspect = listing.entries().stream()
                .filter(e -> e.state() == Backup.State.SUSPECT)
                .map(e -> e.description().label() + " (" + e.why() + ")")
                .collect(Collectors.toCollection(ArrayList::new));
        listing.unreadable().forEach((label, why) -> suspect.add(label + " (" + why + ")"));
        var all = String.join("; ", suspect);
        return suspect.isEmpty()
                ? new Promise(SOUND, State.KEPT, "no backup is suspect")
                : new Promise(
                        SOUND,
                        State.BROKEN,
                        "nothing is deleted while a backup is suspect: " + all
                                + "; verify it again, or remove it by hand when a newer one is verified",
                        all);
    }
}
