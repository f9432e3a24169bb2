package io.matriarch.ha.adapter.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MirrorTest {
    private static final String KEY = "members/pg1";

    private final Mirror mirror = new Mirror();

    private static List<RawKey> holding(String value) {
        return List.of(new RawKey(KEY, value, 7, 3, 4));
    }

    @Test
    void whatIsReadIsKnown() {
        mirror.show(holding("A"), 5, mirror.mark());

        assertThat(mirror.holds(KEY, "A", 7)).isTrue();
        assertThat(mirror.holds(KEY, "A", 8)).isFalse();
        mirror.show(List.of(), 6, mirror.mark());
        assertThat(mirror.holds(KEY, "A", 7)).isFalse();
    }

    @Test
    void readingThatWasSentBeforeAWriteDoesNotKnowOfIt() {
        mirror.show(holding("A"), 5, mirror.mark());
        long sent = mirror.mark();
        mirror.wrote(KEY, "B", 7);

        mirror.show(holding("A"), 5, sent);

        assertThat(mirror.holds(KEY, "A", 7)).isFalse();
        assertThat(mirror.holds(KEY, "B", 7)).isTrue();
    }

    @Test
    void writeThatWasNotAnsweredIsNotHiddenByAReadingFromBefore() {
        long sent = mirror.mark();
        mirror.forget(KEY);

        mirror.show(holding("A"), 5, sent);

        assertThat(mirror.holds(KEY, "A", 7)).isFalse();
        mirror.show(holding("A"), 5, mirror.mark());
        assertThat(mirror.holds(KEY, "A", 7)).isTrue();
    }

    @Test
    void ofReadingsThatOvertookEachOtherNothingIsBelieved() {
        long sent = mirror.mark();
        mirror.show(holding("B"), 6, sent);

        mirror.show(holding("A"), 5, sent);

        assertThat(mirror.holds(KEY, "A", 7)).isFalse();
        assertThat(mirror.holds(KEY, "B", 7)).isFalse();
    }

    @Test
    void etcdThatWasRestoredIsBelievedFromItsSecondReadingOn() {
        mirror.show(holding("B"), 600, mirror.mark());
        mirror.show(holding("A"), 5, mirror.mark());
        mirror.show(holding("A"), 6, mirror.mark());

        assertThat(mirror.holds(KEY, "A", 7)).isTrue();
    }
}
