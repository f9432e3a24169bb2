package io.matriarch.backup.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.retention.Backup.State;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What must hold of every plan, whatever the catalogue looks like. */
class RetentionPolicyPropertyTest {
    private static final int HISTORIES = 100_000;
    private static final Instant NOW = Instant.parse("2026-06-15T12:00:00Z");
    private static final String OURS = "now";

    private record Case(List<Backup> backups, RetentionSettings settings, Circumstances at) {}

    @Test
    void noRandomHistoryLosesWhatItNeeds() {
        var freed = new int[1];
        for (long seed = 1; seed <= HISTORIES; seed++) {
            var c = random(seed);
            var plan = RetentionPolicy.plan(c.backups(), c.settings(), c.at());
            try {
                check(c, plan);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + c + "\n" + plan, e);
            }
            freed[0] += plan.deletions().size();
        }
        // A policy that keeps everything would pass all of the above.
        assertThat(freed[0]).isGreaterThan(HISTORIES / 2);
    }

    private static void check(Case c, RetentionPlan plan) {
        var gone = new HashSet<>(plan.deletions());
        var left = c.backups().stream().filter(b -> !gone.contains(b.label())).toList();
        require(plan.verdicts().size() == c.backups().size(), "each backup has a verdict");
        require(plan.verdicts().stream().noneMatch(v -> v.reasons().isEmpty()), "each verdict has a reason");
        require(
                plan.verdicts().stream()
                        .allMatch(v -> v.stays() != gone.contains(v.backup().label())),
                "verdicts and deletions agree");
        require(gone.size() == plan.deletions().size(), "nothing goes twice");
        require(gone.size() <= c.settings().deletionsPerRun(), "no more go than may in one run");
        require(!mustBeFrozen(c) || (plan.frozen().isPresent() && gone.isEmpty()), "nothing goes while frozen");
        require(
                left.stream().noneMatch(b -> b.parent().filter(gone::contains).isPresent()),
                "nothing goes that another builds on");
        childrenFirst(c, plan);
        require(
                c.backups().stream()
                        .noneMatch(b -> gone.contains(b.label())
                                && (b.inUse() || b.held().isPresent())),
                "what is held or used stays");
        newest(c.backups(), Backup::isVerified)
                .ifPresent(b -> require(!gone.contains(b.label()), "the newest verified one stays"));
        Predicate<Backup> counts = b -> b.lineage().equals(OURS) && b.isVerified() && b.isFull();
        long before = c.backups().stream().filter(counts).count();
        long after = left.stream().filter(counts).count();
        require(after >= Math.min(before, c.settings().count()), "enough verified full ones stay");
        reachesBack(c, left);
        generations(c, gone, c.settings().daily(), day -> day);
        generations(c, gone, c.settings().weekly(), day -> day.with(DayOfWeek.MONDAY));
        generations(c, gone, c.settings().monthly(), day -> day.withDayOfMonth(1));
        leftBehind(c, gone);
        var walFrom = RetentionPolicy.walNeededFrom(c.backups(), gone);
        left.forEach(b -> require(walFrom.get(b.lineage()).compareTo(b.start()) <= 0, "WAL of what stays is needed"));
    }

    private static void require(boolean holds, String claim) {
        if (!holds) {
            throw new AssertionError("broken: " + claim);
        }
    }

    private static boolean mustBeFrozen(Case c) {
        return !c.at().lockHeld()
                || c.at().disagreement().isPresent()
                || c.at().lastRunAt().filter(NOW::isBefore).isPresent()
                || c.backups().stream()
                        .anyMatch(
                                b -> b.state() == State.SUSPECT || b.stoppedAt().isAfter(NOW));
    }

    private static void childrenFirst(Case c, RetentionPlan plan) {
        for (var b : c.backups()) {
            int mine = plan.deletions().indexOf(b.label());
            int parents = b.parent().map(plan.deletions()::indexOf).orElse(-1);
            require(parents < 0 || (mine >= 0 && mine < parents), "what builds on another goes before it");
        }
    }

    private static void reachesBack(Case c, List<Backup> left) {
        var begins = NOW.minus(c.settings().window());
        Predicate<Backup> anchor =
                b -> b.lineage().equals(OURS) && b.isVerified() && b.stoppedAt().isBefore(begins);
        require(
                c.settings().window().isZero()
                        || c.backups().stream().noneMatch(anchor)
                        || left.stream().anyMatch(anchor),
                "the whole window stays reachable");
    }

    /** From the newest on: the first of each period, until there are so many periods. */
    private static void generations(Case c, Set<String> gone, int wanted, UnaryOperator<LocalDate> period) {
        var seen = new HashSet<LocalDate>();
        c.backups().stream()
                .filter(b -> b.lineage().equals(OURS) && b.isVerified())
                .sorted(Comparator.comparing(Backup::stoppedAt).reversed())
                .filter(b -> seen.add(period.apply(
                        LocalDate.ofInstant(b.stoppedAt(), c.settings().zone()))))
                .limit(wanted)
                .forEach(b -> require(!gone.contains(b.label()), "the newest of a day, week or month stays"));
    }

    private static void leftBehind(Case c, Set<String> gone) {
        var lineages = new HashSet<String>();
        c.backups().forEach(b -> lineages.add(b.lineage()));
        lineages.remove(OURS);
        for (var lineage : lineages) {
            newest(c.backups(), b -> b.lineage().equals(lineage))
                    .filter(b -> !b.stoppedAt().isBefore(NOW.minus(c.settings().rollback())))
                    .ifPresent(b -> require(!gone.contains(b.label()), "the newest of a history left behind stays"));
        }
    }

    private static Optional<Backup> newest(List<Backup> backups, Predicate<Backup> of) {
        return backups.stream().filter(of).max(Comparator.comparing(Backup::stoppedAt));
    }

    /** Labels tell nothing of the order, stops never coincide. */
    private static Case random(long seed) {
        var random = new Random(seed);
        int size = random.nextInt(14);
        var backups = new ArrayList<Backup>();
        boolean trouble = random.nextInt(10) == 0;
        for (int i = 0; i < size; i++) {
            var lineage = random.nextInt(4) == 0 ? "old" + random.nextInt(2) : OURS;
            var parents =
                    backups.stream().filter(b -> b.lineage().equals(lineage)).toList();
            var parent = parents.isEmpty() || random.nextInt(3) > 0
                    ? Optional.<String>empty()
                    : Optional.of(parents.get(random.nextInt(parents.size())).label());
            long start = 1_000L * (i + 1);
            backups.add(new Backup(
                    "b" + random.nextInt(1_000) + "-" + i,
                    lineage,
                    parent,
                    new Timeline(1 + random.nextInt(3)),
                    new Lsn(start),
                    new Lsn(start + random.nextInt(500)),
                    NOW.minus(Duration.ofHours(12L * (size - i)).plusSeconds(random.nextInt(3_600)))
                            .plus(trouble && random.nextInt(size) == 0 ? Duration.ofDays(30) : Duration.ZERO),
                    state(random, trouble),
                    random.nextInt(12) == 0 ? Optional.of("audit") : Optional.empty(),
                    random.nextInt(15) == 0));
        }
        java.util.Collections.shuffle(backups, random);
        var settings = new RetentionSettings(
                1 + random.nextInt(4),
                random.nextBoolean() ? Duration.ZERO : Duration.ofDays(random.nextInt(8)),
                random.nextInt(3),
                random.nextInt(2),
                random.nextInt(2),
                Duration.ofDays(random.nextInt(6)),
                1 + random.nextInt(5),
                ZoneId.of(random.nextBoolean() ? "UTC" : "America/New_York"));
        var at = new Circumstances(
                NOW,
                OURS,
                random.nextInt(30) > 0,
                random.nextInt(3) == 0
                        ? Optional.empty()
                        : Optional.of(NOW.minusSeconds(random.nextInt(30) == 0 ? -60 : 3_600)),
                random.nextInt(30) == 0 ? Optional.of("one is missing") : Optional.empty());
        return new Case(List.copyOf(backups), settings, at);
    }

    private static State state(Random random, boolean trouble) {
        if (trouble && random.nextInt(6) == 0) {
            return State.SUSPECT;
        }
        return switch (random.nextInt(6)) {
            case 0 -> State.COPIED;
            case 1 -> State.CONSISTENT;
            default -> State.VERIFIED;
        };
    }
}
