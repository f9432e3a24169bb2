package io.matriarch.backup.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.manager.Election.Change;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ElectionTest {
    private long now;
    private final FakeEtcd etcd = new FakeEtcd(() -> now);

    private Election manager(String name) {
        return new Election(etcd.coordination(), name, "http://" + name + ":8008", () -> now);
    }

    private void pass(int seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void oneOfTwoIsElected() throws Exception {
        var a = manager("a");
        var b = manager("b");

        assertThat(a.turn()).isEqualTo(Change.ELECTED);
        assertThat(b.turn()).isEqualTo(Change.NONE);

        assertThat(a.tenure().orElseThrow().isHeld()).isTrue();
        assertThat(b.tenure()).isEmpty();
        assertThat(b.holder().orElseThrow().url()).isEqualTo("http://a:8008");
    }

    @Test
    void aFrozenManagerIsNoLongerCertainBeforeAnotherIsElected() throws Exception {
        var a = manager("a");
        var b = manager("b");
        a.turn();
        var frozen = a.tenure().orElseThrow();

        pass(9);
        assertThat(b.turn()).isEqualTo(Change.NONE);
        assertThat(frozen.isHeld()).isFalse();
        pass(2);
        assertThat(b.turn()).isEqualTo(Change.ELECTED);

        assertThat(b.tenure().orElseThrow().token()).isGreaterThan(frozen.token());
        assertThat(a.turn()).isEqualTo(Change.LOST);
        assertThat(a.turn()).isEqualTo(Change.NONE);
        assertThat(frozen.isHeld()).isFalse();
    }

    @Test
    void anOutageOfEtcdMakesATenureDoubtfulAndEndsItNot() throws Exception {
        var a = manager("a");
        a.turn();
        var tenure = a.tenure().orElseThrow();

        etcd.down(true);
        pass(9);
        assertThatThrownBy(a::turn).isInstanceOf(IOException.class);
        assertThat(tenure.isHeld()).isFalse();
        assertThat(a.tenure()).contains(tenure);

        etcd.down(false);
        assertThat(a.turn()).isEqualTo(Change.NONE);
        assertThat(tenure.isHeld()).isTrue();
    }

    @Test
    void aLockThatSomebodyDeletedIsLost() throws Exception {
        var a = manager("a");
        a.turn();
        var tenure = a.tenure().orElseThrow();

        etcd.remove(Election.LOCK);

        assertThat(a.turn()).isEqualTo(Change.LOST);
        assertThat(tenure.isHeld()).isFalse();
        assertThat(a.turn()).isEqualTo(Change.ELECTED);
        assertThat(a.tenure().orElseThrow().token()).isGreaterThan(tenure.token());
    }

    @Test
    void aLockThatWasTakenWithoutAnAnswerIsLeftToEnd() throws Exception {
        var a = manager("a");
        etcd.losesTheAnswerTo("take");
        assertThatThrownBy(a::turn).isInstanceOf(IOException.class);
        assertThat(etcd.value(Election.LOCK)).isPresent();

        for (int second = 0; second < 12; second++) {
            pass(1);
            a.turn();
        }
        assertThat(a.tenure().orElseThrow().isHeld()).isTrue();
    }

    @Test
    void renewingAloneKeepsATenureCertain() throws Exception {
        var a = manager("a");
        a.turn();
        for (int second = 0; second < 30; second++) {
            pass(1);
            a.keep();
            assertThat(a.tenure().orElseThrow().isHeld()).isTrue();
        }
    }

    @Test
    void whoResignedIsNoLongerCertain() throws Exception {
        var a = manager("a");
        a.turn();
        var tenure = a.tenure().orElseThrow();
        a.resign();
        assertThat(tenure.isHeld()).isFalse();
        assertThat(tenure.ended().getAsBoolean()).isTrue();
    }

    @Test
    void whoResignsLetsTheNextOneInAtOnce() throws Exception {
        var a = manager("a");
        var b = manager("b");
        a.turn();
        a.resign();

        assertThat(b.turn()).isEqualTo(Change.ELECTED);
    }

    @Test
    void whatIsRefusedSaysWhoAndUnderWhichToken() throws Exception {
        var ended = new Tenure("a", 7, () -> false, () -> true);
        assertThatThrownBy(() -> ended.requireHeld("writing base/x"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("writing base/x is refused")
                .hasMessageContaining("token 7");
    }

    /** Managers that freeze, lose etcd and come back: never are two of them certain at the same moment, and tokens only grow. */
    @Test
    void neverAreTwoCertainAtOnce() throws Exception {
        for (int seed = 0; seed < 2_000; seed++) {
            var chance = new Random(seed);
            var managers = new ArrayList<Election>();
            var tenures = new ArrayList<Tenure>();
            for (String name : List.of("a", "b", "c")) {
                managers.add(manager(name + seed));
            }
            etcd.remove(Election.LOCK);
            long newest = 0;
            for (int step = 0; step < 60; step++) {
                now += TimeUnit.MILLISECONDS.toNanos(chance.nextInt(4_000));
                etcd.down(chance.nextInt(10) == 0);
                var one = managers.get(chance.nextInt(3));
                try {
                    if (one.turn() == Change.ELECTED) {
                        var tenure = one.tenure().orElseThrow();
                        assertThat(tenure.token()).as("seed %d", seed).isGreaterThan(newest);
                        newest = tenure.token();
                        tenures.add(tenure);
                    }
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("no answer");
                }
                assertThat(tenures.stream().filter(Tenure::isHeld).count())
                        .as("certain at once, seed %d step %d", seed, step)
                        .isLessThanOrEqualTo(1);
            }
            etcd.down(false);
        }
    }
}
