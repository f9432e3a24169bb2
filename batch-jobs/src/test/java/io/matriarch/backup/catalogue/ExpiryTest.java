package io.matriarch.backup.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.catalogue.Catalogue.Listing;
import io.matriarch.backup.retention.Backup;
import io.matriarch.backup.retention.Circumstances;
import io.matriarch.backup.retention.Policies;
import io.matriarch.ha.model.BackupPolicy;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExpiryTest {
    /** With 120 runs each: more than 100,000 decisions. */
    private static final int HISTORIES = 850;

    private static final Instant NOON = Instant.parse("2026-06-15T12:00:00Z");
    private static final String SYSTEM = "7000000000000000001";
    private static final Duration DAY = Duration.ofDays(1);

    private static Entry backup(int number, Backup.State state, Optional<Instant> marked) {
        return backup(number, state, marked, Optional.empty());
    }

    private static Entry backup(int number, Backup.State state, Optional<Instant> marked, Optional<String> parent) {
        var at = NOON.plusSeconds(1_800L * number);
        var description = new BackupDescription(
                "basebackup_" + String.format("%04d", number),
                "demo",
                new SystemIdentifier(SYSTEM),
                new Timeline(1),
                new Lsn(0x2000000L + number * 0x1000000L),
                new Lsn(0x2000100L + number * 0x1000000L),
                at,
                at,
                "15.1",
                "zstd",
                "pg1",
                1_000,
                List.of(),
                parent,
                Optional.empty());
        return new Entry(description, state, at, "", Optional.empty(), Optional.empty(), marked);
    }

    private static Expiry plan(List<Entry> entries, BackupPolicy policy, Instant now) {
        return Expiry.of(
                new Listing(entries, Map.of(), List.of()),
                Set.of(),
                policy,
                new Circumstances(now, SYSTEM, true, Optional.empty(), Optional.empty()));
    }

    private static Instant after(Duration time) {
        return NOON.plus(time);
    }

    @Test
    void whatMayGoIsMarkedFirstAndDeletedADayLater() {
        var entries = new ArrayList<Entry>();
        for (int i = 0; i < 5; i++) {
            entries.add(backup(i, Backup.State.VERIFIED, Optional.empty()));
        }
        var now = after(Duration.ofHours(3));
        var first = plan(entries, Policies.keeping(3, 10), now);
        assertThat(first.mark()).containsExactly("basebackup_0000", "basebackup_0001");
        assertThat(first.delete()).isEmpty();
        assertThat(first.lines().getFirst().goesAt()).contains(now.plus(DAY));

        entries.set(0, backup(0, Backup.State.VERIFIED, Optional.of(now)));
        entries.set(1, backup(1, Backup.State.VERIFIED, Optional.of(now)));
        assertThat(plan(entries, Policies.keeping(3, 10), now.plus(DAY).minusSeconds(1))
                        .delete())
                .isEmpty();
        var last = plan(entries, Policies.keeping(3, 10), now.plus(DAY));
        assertThat(last.delete()).containsExactly("basebackup_0000", "basebackup_0001");
        assertThat(last.walNeededFrom()).containsEntry(SYSTEM, new Lsn(0x4000000L));
    }

    @Test
    void aMarkIsTakenBackWhenSomethingKeepsTheBackup() {
        var marked = Optional.of(after(Duration.ofHours(1)));
        var entries = List.of(
                backup(0, Backup.State.VERIFIED, marked),
                backup(1, Backup.State.VERIFIED, Optional.empty()),
                backup(2, Backup.State.VERIFIED, Optional.empty()));
        var plan = plan(entries, Policies.keeping(3, 10), after(DAY.multipliedBy(3)));
        assertThat(plan.delete()).isEmpty();
        assertThat(plan.unmark()).containsExactly("basebackup_0000");
    }

    @Test
    void aFrozenRunTouchesNoMark() {
        var marked = Optional.of(after(Duration.ofHours(1)));
        var entries = List.of(
                backup(0, Backup.State.VERIFIED, marked),
                backup(1, Backup.State.SUSPECT, Optional.empty()),
                backup(2, Backup.State.VERIFIED, Optional.empty()));
        var plan = plan(entries, Policies.keeping(1, 10), after(DAY.multipliedBy(3)));
        assertThat(plan.frozen()).isPresent();
        assertThat(plan.mark()).isEmpty();
        assertThat(plan.unmark()).isEmpty();
        assertThat(plan.delete()).isEmpty();
    }

    @Test
    void noMoreGoInOneRunThanMayAndWaitingOnesDoNotHoldUpOthers() {
        var marked = Optional.of(NOON.minus(DAY.multipliedBy(2)));
        var entries = new ArrayList<Entry>();
        for (int i = 0; i < 30; i++) {
            entries.add(backup(i, Backup.State.VERIFIED, i < 20 ? marked : Optional.empty()));
        }
        var plan = plan(entries, Policies.keeping(3, 5), after(DAY.multipliedBy(3)));
        assertThat(plan.delete()).hasSize(5);
        assertThat(plan.mark()).hasSize(7);
    }

    /** Whatever is done run by run: enough verified ones are left at any moment, and nothing goes that was not marked for a day. */
    @Test
    void historiesNeverLoseTheNewestVerifiedOnes() {
        for (int seed = 0; seed < HISTORIES; seed++) {
            var chance = new Random(seed);
            int keep = 1 + chance.nextInt(4);
            var entries = new ArrayList<Entry>();
            var markedAt = new HashMap<String, Instant>();
            var now = NOON;
            int number = 0;
            for (int run = 0; run < 120; run++) {
                now = NOON.plusSeconds(1_800L * ++number + 60);
                entries.add(backup(
                        number,
                        chance.nextInt(4) == 0 ? Backup.State.CONSISTENT : Backup.State.VERIFIED,
                        Optional.empty()));
                var plan = plan(List.copyOf(entries), Policies.keeping(keep, 1 + chance.nextInt(5)), now);
                long before = verified(entries);
                for (String label : plan.delete()) {
                    assertThat(markedAt.get(label))
                            .as("%s, seed %d", label, seed)
                            .isBeforeOrEqualTo(now.minus(DAY));
                    entries.removeIf(e -> e.description().label().equals(label));
                }
                assertThat(verified(entries)).as("seed %d", seed).isGreaterThanOrEqualTo(Math.min(before, keep));
                var at = now;
                plan.mark().forEach(label -> markedAt.put(label, at));
                plan.unmark().forEach(markedAt::remove);
                entries.replaceAll(e -> new Entry(
                        e.description(),
                        e.state(),
                        e.since(),
                        e.why(),
                        e.held(),
                        e.proof(),
                        Optional.ofNullable(markedAt.get(e.description().label()))));
            }
            assertThat(entries.size()).as("seed %d", seed).isLessThan(120);
        }
    }

    @Test
    void aChainStaysAsLongAsOneOfItIsKeptAndGoesFromItsEnd() {
        var marked = Optional.of(NOON.minus(DAY.multipliedBy(2)));
        var entries = new ArrayList<Entry>();
        for (int i = 0; i < 3; i++) {
            entries.add(backup(
                    i,
                    Backup.State.VERIFIED,
                    marked,
                    i == 0 ? Optional.empty() : Optional.of("basebackup_000" + (i - 1))));
        }
        var now = after(DAY.multipliedBy(3));
        assertThat(plan(entries, Policies.keeping(1, 10), now).delete()).isEmpty();
        assertThat(plan(entries, Policies.keeping(1, 10), now).unmark())
                .containsExactly("basebackup_0000", "basebackup_0001", "basebackup_0002");

        entries.add(backup(3, Backup.State.VERIFIED, Optional.empty()));
        assertThat(plan(entries, Policies.keeping(1, 2), now).delete())
                .containsExactly("basebackup_0002", "basebackup_0001");
        assertThat(plan(entries, Policies.keeping(1, 10), now).delete())
                .containsExactly("basebackup_0002", "basebackup_0001", "basebackup_0000");
    }

    /** Run by run, with chains: at no moment, also between two deletions, does a backup lack what it builds on. */
    @Test
    void historiesNeverLoseWhatAnotherBuildsOn() {
        int freed = 0;
        for (int seed = 0; seed < HISTORIES; seed++) {
            var chance = new Random(seed);
            var entries = new ArrayList<Entry>();
            var markedAt = new HashMap<String, Instant>();
            for (int number = 1; number <= 120; number++) {
                var now = NOON.plusSeconds(3_600L * number + 60);
                var parent = entries.isEmpty() || chance.nextInt(4) == 0
                        ? Optional.<String>empty()
                        : Optional.of(entries.get(entries.size() - 1 - chance.nextInt(Math.min(3, entries.size())))
                                .description()
                                .label());
                entries.add(backup(number, Backup.State.VERIFIED, Optional.empty(), parent));
                var plan =
                        plan(List.copyOf(entries), Policies.keeping(1 + chance.nextInt(3), 1 + chance.nextInt(5)), now);
                for (String label : plan.delete()) {
                    entries.removeIf(e -> e.description().label().equals(label));
                    assertThat(entries)
                            .as("%s, seed %d", label, seed)
                            .noneMatch(e -> e.description().parent().equals(Optional.of(label)));
                    freed++;
                }
                plan.mark().forEach(label -> markedAt.put(label, now));
                plan.unmark().forEach(markedAt::remove);
                entries.replaceAll(e -> new Entry(
                        e.description(),
                        e.state(),
                        e.since(),
                        e.why(),
                        e.held(),
                        e.proof(),
                        Optional.ofNullable(markedAt.get(e.description().label()))));
            }
        }
        assertThat(freed).isGreaterThan(300);
    }

    private static long verified(List<Entry> entries) {
        return entries.stream().filter(e -> e.state() == Backup.State.VERIFIED).count();
    }
}
