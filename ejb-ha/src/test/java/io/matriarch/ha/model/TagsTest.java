package io.matriarch.ha.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TagsTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, false, 1",
                "true, -, true, 0",
                "TRUE, -, true, 0",
                "false, -, false, 1",
                "-, 0, true, 0",
                "-, -3, true, 0",
                "-, 7, false, 7",
                "-, many, false, 1",
                "true, 7, true, 0",
                "false, 0, false, 1",
            })
    void nofailoverWinsOverPriority(String nofailover, String priority, boolean excluded, int rank) {
        var values = new java.util.TreeMap<String, String>();
        if (nofailover != null) {
            values.put("nofailover", nofailover);
        }
        if (priority != null) {
            values.put("failover_priority", priority);
        }
        var tags = new Tags(values);

        assertThat(tags.nofailover()).isEqualTo(excluded);
        assertThat(tags.failoverPriority()).isEqualTo(rank);
    }

    @Test
    void blankReplicatefromNamesNobody() {
        assertThat(new Tags(Map.of("replicatefrom", " ")).replicatefrom()).isEmpty();
        assertThat(new Tags(Map.of("replicatefrom", "pg2")).replicatefrom()).contains(new MemberName("pg2"));
    }
}
