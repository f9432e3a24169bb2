package io.matriarch.ha.adapter.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WatchFilterTest {
    private static final String MEMBER = "members/n1";
    private final WatchFilter filter = new WatchFilter();

    @Test
    void statusAloneWakesNobody() {
        assertThat(filter.putMatters("status", "{\"optime\":1}")).isFalse();
        assertThat(filter.putMatters("optime/leader", "1")).isFalse();
        assertThat(filter.deleteMatters("status")).isFalse();
    }

    @Test
    void movingPositionsOfAMemberWakeNobody() {
        assertThat(filter.putMatters(MEMBER, "{\"state\":\"running\",\"xlog_location\":1,\"timeline\":1}"))
                .isTrue();
        assertThat(filter.putMatters(MEMBER, "{\"state\":\"running\",\"xlog_location\":2,\"timeline\":1}"))
                .isFalse();
        assertThat(filter.putMatters(
                        MEMBER, "{\"state\":\"running\",\"replay_lsn\":3,\"wal_free_bytes\":9,\"timeline\":1}"))
                .isFalse();
    }

    @Test
    void everythingElseOfAMemberMatters() {
        filter.putMatters(MEMBER, "{\"state\":\"running\"}");

        assertThat(filter.putMatters(MEMBER, "{\"state\":\"stopping\"}")).isTrue();
        assertThat(filter.putMatters(MEMBER, "broken")).isTrue();
        assertThat(filter.putMatters(MEMBER, "broken")).isTrue();
        assertThat(filter.deleteMatters(MEMBER)).isTrue();
        assertThat(filter.putMatters(MEMBER, "{\"state\":\"running\"}")).isTrue();
    }

    @Test
    void otherKeysMatterEachTime() {
        assertThat(filter.putMatters("leader", "n1")).isTrue();
        assertThat(filter.putMatters("leader", "n1")).isTrue();
        assertThat(filter.deleteMatters("leader")).isTrue();
        assertThat(filter.putMatters("config", "{}")).isTrue();
    }
}
