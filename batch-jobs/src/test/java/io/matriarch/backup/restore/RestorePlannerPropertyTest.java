package io.matriarch.backup.restore;

import static io.matriarch.backup.restore.Archives.SIZE;
import static io.matriarch.backup.restore.Archives.hour;
import static io.matriarch.backup.restore.Archives.in;
import static io.matriarch.backup.restore.Archives.wish;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.restore.RecoveryTarget.AtLsn;
import io.matriarch.backup.restore.RestorePlanner.Draft;
import io.matriarch.backup.restore.RestorePlanner.End;
import io.matriarch.backup.retention.Backup;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Over random histories with promotions, holes and backups: what is planned can be replayed, and what is refused cannot. */
class RestorePlannerPropertyTest {
    private static final int WORLDS = 20_000;
    private static final int LONGEST = 24;

    private record World(Archives archives, List<Long> backups, WalView view) {}

    @Test
    void planHoldsEverySegmentUpToItsTargetAndARefusalMeansThatOneIsMissing() {
        int planned = 0;
        int refused = 0;
        for (int seed = 0; seed < WORLDS; seed++) {
            var random = new Random(seed);
            var world = world(random);
            var target = new AtLsn(in(1 + random.nextInt(LONGEST)));
            var plan = plan(world, target);
            if (plan.isPresent()) {
                planned++;
                assertReplayable(seed, world, plan.get(), target.lsn());
            } else {
                refused++;
                assertUnreachable(seed, world, target.lsn());
            }
        }
        assertThat(planned).isGreaterThan(WORLDS / 20);
        assertThat(refused).isGreaterThan(WORLDS / 20);
    }

    /** Each timeline comes out of the one before; some segments are lost; backups are of the timeline of their time. */
    private static World world(Random random) {
        var archives = new Archives();
        var backups = new ArrayList<Long>();
        int timeline = 1;
        for (long segment = 1; segment <= LONGEST; segment++) {
            if (random.nextInt(6) == 0) {
                backups.add(segment);
                var state = random.nextBoolean() ? Backup.State.VERIFIED : Backup.State.CONSISTENT;
                archives.backup("b" + segment, (int) segment, timeline, segment, state, "15.18", "backup_manifest");
            }
            if (random.nextInt(12) != 0) {
                archives.wal(timeline, segment, segment);
            }
            if (random.nextInt(8) == 0) {
                archives.promoted(timeline, timeline + 1, segment);
                timeline++;
                archives.wal(timeline, segment, segment);
            }
        }
        return new World(archives, backups, archives.view());
    }

    private static Optional<Plan> plan(World world, AtLsn target) {
        var planner = world.archives().planner();
        for (Draft draft : planner.drafts(wish(target)).drafts()) {
            var segments = draft.reach().segments();
            var end = segments.isEmpty()
                    ? Optional.<End>empty()
                    : Optional.of(
                            new End(new Lsn(SIZE.end(segments.getLast().name()).bytes() - 8), Optional.of(hour(99))));
            var outcome = planner.settle(draft, wish(target), end, false);
            if (outcome.plan().isPresent()) {
                return outcome.plan();
            }
        }
        return Optional.empty();
    }

    private static void assertReplayable(int seed, World world, Plan plan, Lsn target) {
        long backup = Long.parseLong(plan.label().substring(1));
        assertThat(in(backup)).as("backup of seed %d", seed).isLessThanOrEqualTo(target);
        var numbers = plan.wal().stream().map(n -> SIZE.number(n.name())).toList();
        for (long number = backup + 1; number <= SIZE.number(target); number++) {
            assertThat(numbers).as("segments of seed %d", seed).contains(number);
        }
        assertThat(numbers).as("order of seed %d", seed).isSorted().doesNotHaveDuplicates();
        for (var needed : plan.wal()) {
            assertThat(world.view().segments()).as("seed %d", seed).contains(needed.name());
        }
    }

    /** By another way than the planner's: each backup, one segment after the other, on any timeline of the path. */
    private static void assertUnreachable(int seed, World world, Lsn target) {
        var newest = world.view().timelines().stream().max(Timeline::compareTo).orElseThrow();
        var path = world.view().path(newest);
        for (long backup : world.backups()) {
            boolean reached = in(backup).compareTo(target) <= 0;
            for (long number = backup + 1; reached && number <= SIZE.number(target); number++) {
                reached = isThere(world, path.segment(SIZE, number));
            }
            boolean own = SIZE.number(target) == backup && !isThere(world, path.segment(SIZE, backup));
            assertThat(reached && !own)
                    .as("backup %d of seed %d reaches %s", backup, seed, target)
                    .isFalse();
        }
    }

    private static boolean isThere(World world, SegmentName name) {
        return world.view().segments().contains(name);
    }
}
