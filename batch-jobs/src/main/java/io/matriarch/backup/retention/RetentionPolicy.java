package io.matriarch.backup.retention;

import io.matriarch.backup.retention.Backup.State;
import io.matriarch.backup.retention.RetentionPlan.Verdict;
import io.matriarch.ha.model.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.IsoFields;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides which backups may go. Only a backup that was restored and opened counts as one; what is not known keeps everything. Pure.
 *
 * <p>A backup goes only when all of this holds: the manager holds the lock; nothing is suspect, the clock did not go back, catalogue and
 * storage agree; nothing that stays builds on it; nobody holds or uses it; it is neither the newest verified one, nor the newest of a
 * history left behind within the rollback time; and without it there are still enough verified full backups, and one from before the
 * window, of the history that the cluster writes.
 */
public final class RetentionPolicy {
    private static final Comparator<Backup> BY_STOP = Comparator.comparing(Backup::stoppedAt)
            .thenComparing(Backup::timeline)
            .thenComparing(Backup::stop)
            .thenComparing(Backup::label);

    private final RetentionSettings settings;
    private final Circumstances at;
    private final List<Backup> all;
    private final Map<String, Backup> byLabel = new HashMap<>();
    private final Map<String, Set<String>> reasons = new LinkedHashMap<>();

    private RetentionPolicy(Collection<Backup> backups, RetentionSettings settings, Circumstances at) {
        this.settings = settings;
        this.at = at;
        this.all = backups.stream().sorted(BY_STOP).toList();
        all.forEach(b -> byLabel.put(b.label(), b));
    }

    /**
     * What a run now would do.
     *
     * @throws IllegalArgumentException if two backups have one label
     */
    public static RetentionPlan plan(Collection<Backup> backups, RetentionSettings settings, Circumstances at) {
        var policy = new RetentionPolicy(backups, settings, at);
        if (policy.byLabel.size() != backups.size()) {
            throw new IllegalArgumentException("two backups of the catalogue have one label");
        }
        return policy.plan();
    }

    private RetentionPlan plan() {
        var frozen = frozen();
        if (frozen.isPresent()) {
            all.forEach(b -> keep(b, "retention is frozen: " + frozen.get()));
        } else {
            byRules();
            withTheirParents();
        }
        var deletions = new ArrayList<String>();
        var gone = new LinkedHashSet<String>();
        for (var candidate : candidates()) {
            if (deletions.size() >= settings.deletionsPerRun()) {
                keep(candidate, "its turn comes in a later run: at most " + settings.deletionsPerRun() + " go in one");
                continue;
            }
            gone.add(candidate.label());
            var missed = wouldBeMissed(gone);
            if (missed.isPresent()) {
                gone.remove(candidate.label());
                keep(candidate, missed.get());
            } else {
                deletions.add(candidate.label());
            }
        }
        var verdicts = all.stream()
                .map(b -> deletions.contains(b.label())
                        ? new Verdict(b, false, List.of(whyItGoes(b)))
                        : new Verdict(b, true, List.copyOf(reasons.getOrDefault(b.label(), Set.of()))))
                .toList();
        return new RetentionPlan(frozen, verdicts, deletions);
    }

    /** What stops every deletion. */
    private Optional<String> frozen() {
        if (!at.lockHeld()) {
            return Optional.of("this manager does not hold the lock of the cluster");
        }
        if (at.lastRunAt().filter(at.now()::isBefore).isPresent()) {
            return Optional.of("the clock went back: it is " + at.now() + ", the last run was at "
                    + at.lastRunAt().get());
        }
        var future = all.stream().filter(b -> b.stoppedAt().isAfter(at.now())).findFirst();
        if (future.isPresent()) {
            return Optional.of("the clock went back: " + future.get().label() + " ended at "
                    + future.get().stoppedAt() + ", it is " + at.now());
        }
        if (at.disagreement().isPresent()) {
            return Optional.of(
                    "catalogue and storage disagree: " + at.disagreement().get());
        }
        return all.stream()
                .filter(b -> b.state() == State.SUSPECT)
                .findFirst()
                .map(b -> b.label()
                        + " is suspect: verify it again, or remove it by hand when its successor is verified");
    }

    private void byRules() {
        var verified = ofOurHistory().filter(Backup::isVerified).toList();
        newest(all.stream().filter(Backup::isVerified).toList())
                .ifPresent(b -> keep(b, "it is the newest verified backup"));
        newestFulls(verified, settings.count())
                .forEach(b -> keep(b, "it is one of the " + settings.count() + " newest verified full backups"));
        var newestVerified = newest(verified).map(Backup::stoppedAt).orElse(Instant.MIN);
        for (var b : all) {
            b.held().ifPresent(why -> keep(b, "it is held: " + why));
            if (b.inUse()) {
                keep(b, "it is in use");
            }
            if (!b.isVerified()
                    && b.lineage().equals(at.lineage())
                    && b.stoppedAt().isAfter(newestVerified)) {
                keep(b, "it is newer than the newest verified backup, and not judged yet");
            }
        }
        window(verified);
        generations(verified, settings.daily(), "day", instant -> day(instant).toString());
        generations(verified, settings.weekly(), "week", this::week);
        generations(
                verified,
                settings.monthly(),
                "month",
                instant -> day(instant).toString().substring(0, 7));
        leftBehind();
    }

    private void window(List<Backup> verified) {
        if (settings.window().isZero()) {
            return;
        }
        var begins = at.now().minus(settings.window());
        for (var b : all) {
            if (b.lineage().equals(at.lineage()) && !b.stoppedAt().isBefore(begins)) {
                keep(b, "it is within the window of " + text(settings.window()));
            }
        }
        newest(verified.stream().filter(b -> b.stoppedAt().isBefore(begins)).toList())
                .ifPresent(b -> keep(b, "the window of " + text(settings.window()) + " begins after it"));
    }

    /** The newest of each of the last {@code wanted} days, weeks or months that have one. */
    private void generations(List<Backup> verified, int wanted, String unit, Function<Instant, String> period) {
        var newestOf = new TreeMap<String, Backup>();
        verified.forEach(b -> newestOf.put(period.apply(b.stoppedAt()), b));
        newestOf.descendingMap().entrySet().stream()
                .limit(wanted)
                .forEach(e -> keep(e.getValue(), "it is the newest of " + unit + " " + e.getKey()));
    }

    private void leftBehind() {
        var histories = all.stream()
                .filter(b -> !b.lineage().equals(at.lineage()))
                .filter(b -> !b.stoppedAt().isBefore(at.now().minus(settings.rollback())))
                .collect(Collectors.groupingBy(Backup::lineage, LinkedHashMap::new, Collectors.toList()));
        histories.values().forEach(history -> {
            keep(
                    history.getLast(),
                    "it is the newest of a history that was left behind less than " + text(settings.rollback())
                            + " ago");
            newest(history.stream().filter(Backup::isVerified).toList())
                    .ifPresent(b -> keep(b, "it is the newest verified one of a history that was left behind"));
        });
    }

    private void withTheirParents() {
        var todo = new ArrayDeque<>(reasons.keySet());
        while (!todo.isEmpty()) {
            var child = todo.remove();
            Optional.ofNullable(byLabel.get(child))
                    .flatMap(Backup::parent)
                    .map(byLabel::get)
                    .ifPresent(parent -> {
                        boolean first = !reasons.containsKey(parent.label());
                        keep(parent, child + " builds on it");
                        if (first) {
                            todo.add(parent.label());
                        }
                    });
        }
    }

    /** What no rule keeps: children before parents, old before new. */
    private List<Backup> candidates() {
        var free = all.stream().filter(b -> !reasons.containsKey(b.label())).toList();
        return free.stream()
                .sorted(Comparator.comparingInt(this::depth).reversed().thenComparing(BY_STOP))
                .toList();
    }

    /** How many backups it builds on; a chain that leads nowhere or in a circle ends. */
    private int depth(Backup b) {
        int depth = 0;
        var parent = b.parent().map(byLabel::get);
        while (parent.isPresent() && depth < all.size()) {
            depth++;
            parent = parent.get().parent().map(byLabel::get);
        }
        return depth;
    }

    /** Looked at with every deletion so far: rules that overlap must not add up to a loss. */
    private Optional<String> wouldBeMissed(Set<String> gone) {
        var left = ofOurHistory()
                .filter(Backup::isVerified)
                .filter(b -> !gone.contains(b.label()))
                .toList();
        if (left.stream().filter(Backup::isFull).count() < settings.count()) {
            return Optional.of("fewer than " + settings.count() + " verified full backups would be left");
        }
        if (all.stream()
                .filter(b -> b.parent().filter(gone::contains).isPresent())
                .anyMatch(b -> !gone.contains(b.label()))) {
            return Optional.of("another one builds on it");
        }
        boolean reachesBack = settings.window().isZero()
                || left.stream().anyMatch(b -> b.stoppedAt().isBefore(at.now().minus(settings.window())));
        return reachesBack ? Optional.empty() : Optional.of("no verified backup from before the window would be left");
    }

    private String whyItGoes(Backup b) {
        return b.lineage().equals(at.lineage())
                ? (b.isVerified() ? "newer verified backups are enough" : "it was never verified, and a newer one is")
                : "its history was left behind more than " + text(settings.rollback()) + " ago";
    }

    /** By lineage: WAL below it serves no backup that is left when those labels are {@code gone}. History files are never among what may go. */
    public static Map<String, Lsn> walNeededFrom(List<Backup> backups, Collection<String> gone) {
        var needed = new HashMap<String, Lsn>();
        backups.stream()
                .filter(b -> !gone.contains(b.label()))
                .forEach(b -> needed.merge(b.lineage(), b.start(), (x, y) -> x.compareTo(y) <= 0 ? x : y));
        return needed;
    }

    private Stream<Backup> ofOurHistory() {
        return all.stream().filter(b -> b.lineage().equals(at.lineage()));
    }

    private static Optional<Backup> newest(List<Backup> backups) {
        return backups.isEmpty() ? Optional.empty() : Optional.of(backups.getLast());
    }

    private static List<Backup> newestFulls(List<Backup> verified, int count) {
        var fulls = verified.stream().filter(Backup::isFull).toList();
        return fulls.subList(Math.max(0, fulls.size() - count), fulls.size());
    }

    private void keep(Backup b, String why) {
        reasons.computeIfAbsent(b.label(), label -> new LinkedHashSet<>()).add(why);
    }

    private LocalDate day(Instant instant) {
        return LocalDate.ofInstant(instant, settings.zone());
    }

    private String week(Instant instant) {
        var day = day(instant);
        return day.get(IsoFields.WEEK_BASED_YEAR) + "-W"
                + String.format("%02d", day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
    }

    private static String text(Duration duration) {
        return duration.toHours() % 24 == 0 ? duration.toDays() + " days" : duration.toHours() + " hours";
    }
}
