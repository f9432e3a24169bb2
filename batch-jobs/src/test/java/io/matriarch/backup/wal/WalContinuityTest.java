package io.matriarch.backup.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.wal.WalContinuity.Copy;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Over random pasts: a chain that is whole is proven, one that is not is found out, whatever lacks. */
class WalContinuityTest {
    private static final int PASTS = 2_000;

    @Test
    void perfectStreamIsProvenFromEachBackupOnThePath() {
        for (long seed = 0; seed < PASTS; seed++) {
            var past = Histories.of(seed, 1 + (int) (seed % 12));
            var proof = past.continuity().prove(past.copies, past.present);

            assertThat(proof.holes()).as("seed %d", seed).isEmpty();
            assertThat(proof.chains()).as("seed %d", seed).isNotEmpty();
            for (var chain : proof.chains()) {
                assertThat(chain.to())
                        .as("seed %d", seed)
                        .isEqualTo(Histories.SIZE.start(Histories.SIZE.number(past.end)));
                assertThat(chain.holes()).isEmpty();
            }
            assertThat(proof.chains().size() + proof.dead().size()).isEqualTo(past.copies.size());
        }
    }

    @Test
    void segmentThatLacksIsAlwaysFoundAndNamed() {
        int tried = 0;
        for (long seed = 0; seed < PASTS; seed++) {
            var past = Histories.of(seed, 1 + (int) (seed % 12));
            var whole =
                    past.continuity().prove(past.copies, past.present).chains().getFirst();
            var needed = needed(past, whole);
            // Without the last one the chain is shorter, not broken.
            needed.removeLast();
            if (!needed.isEmpty()) {
                var gone = needed.get(new Random(seed).nextInt(needed.size()));
                past.segments.remove(gone);
                var proof = past.continuity().prove(past.copies, past.present);

                assertThat(proof.holes())
                        .as("seed %d without %s", seed, gone)
                        .singleElement()
                        .satisfies(hole -> {
                            assertThat(hole.first()).isEqualTo(gone);
                            assertThat(hole.last()).isEqualTo(gone);
                            assertThat(hole.from()).isEqualTo(Histories.SIZE.start(gone));
                            assertThat(hole.to()).isEqualTo(Histories.SIZE.end(gone));
                        });
                assertThat(proof.chains().getFirst().to()).isBetween(whole.from(), Histories.SIZE.start(gone));
                tried++;
            }
        }
        assertThat(tried).isGreaterThan(PASTS / 2);
    }

    @Test
    void whatIsNotOnThePathIsNoHole() {
        for (long seed = 0; seed < PASTS; seed++) {
            var past = Histories.of(seed, 1 + (int) (seed % 12));
            var path = past.path();
            past.segments
                    .keySet()
                    .removeIf(name -> !path.segment(Histories.SIZE, Histories.SIZE.number(name))
                            .equals(name));
            past.partials.clear();

            assertThat(past.continuity().prove(past.copies, past.present).holes())
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }

    @Test
    void whatCanBeReachedIsWhatTheSegmentsHold() {
        for (long seed = 0; seed < PASTS; seed++) {
            var past = Histories.of(seed, 1 + (int) (seed % 12));
            for (var copy : past.copies) {
                var all = past.continuity().from(copy);

                assertThat(all).as("seed %d %s", seed, copy).isNotEmpty();
                for (var reach : all) {
                    assertThat(reach.from()).isEqualTo(copy.stop());
                    assertThat(reach.to()).isGreaterThanOrEqualTo(copy.stop());
                    assertThat(reach.path().contains(copy.timeline(), copy.stop()))
                            .isTrue();
                    for (SegmentName name : needed(past, reach)) {
                        assertThat(past.segments).as("seed %d", seed).containsKey(name);
                    }
                }
            }
        }
    }

    @Test
    void backupOnABranchThatWasLeftIsDeadAndStillReachesItsOwnEnd() {
        var past = new Histories(1);
        past.write(3L * Histories.SIZE.bytes());
        past.backup();
        var dead = past.copies.getFirst();
        past.write(2L * Histories.SIZE.bytes());
        var ended = past.end;
        past.failOverAt(new Lsn(2L * Histories.SIZE.bytes() + 500));
        past.write(9L * Histories.SIZE.bytes());

        var proof = past.continuity().prove(past.copies, past.present);

        assertThat(proof.dead()).containsExactly(dead.label());
        assertThat(proof.chains()).isEmpty();
        assertThat(past.continuity().from(dead)).singleElement().satisfies(reach -> {
            assertThat(reach.path().target()).isEqualTo(new Timeline(1));
            assertThat(reach.to()).isEqualTo(Histories.SIZE.start(Histories.SIZE.number(ended)));
        });
    }

    @Test
    void endOfATimelineIsReachedByItsPartialSegment() {
        var past = new Histories(1);
        past.backup();
        past.write(2L * Histories.SIZE.bytes() + 700);
        var left = past.end;
        past.failOverAt(left);
        var copy = past.copies.getFirst();

        var reach = past.continuity().from(copy).getLast();

        assertThat(reach.to()).isEqualTo(left);
        assertThat(reach.partial()).contains(Histories.SIZE.at(new Timeline(1), left));
        past.partials.clear();
        assertThat(past.continuity().from(copy).getLast().to())
                .isEqualTo(Histories.SIZE.start(Histories.SIZE.number(left)));
    }

    @Test
    void presentWithoutAHistoryIsNotGuessed() {
        var past = Histories.of(3, 2);

        assertThatThrownBy(() -> past.continuity().prove(past.copies, new Timeline(77)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeline 77");
        assertThatThrownBy(() -> past.continuity()
                        .along(new Copy("other", new Timeline(77), Lsn.ZERO, Lsn.ZERO, Histories.BEGIN), past.path()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not on the way");
    }

    /** The segments that roll a backup forward to there, found by walking the timelines position by position. */
    private static List<SegmentName> needed(Histories past, Reachable reach) {
        var names = new ArrayList<SegmentName>();
        var copy = past.copies.stream()
                .filter(c -> c.label().equals(reach.backup()))
                .findFirst()
                .orElseThrow();
        long last = Histories.SIZE.number(new Lsn(copy.stop().bytes() - 1));
        for (long n = last; Histories.SIZE.start(n + 1).bytes() <= reach.to().bytes(); n++) {
            var first = Histories.SIZE.start(n).bytes();
            // The timeline of the last byte of the segment.
            var timeline = reach.path().timelineAt(new Lsn(first + Histories.SIZE.bytes() - 1));
            var name = Histories.SIZE.name(timeline, n);
            if (n > last || !timeline.equals(copy.timeline())) {
                names.add(name);
            }
        }
        return names;
    }
}
