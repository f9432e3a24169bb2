package io.matriarch.ha.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Lsn;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WalTailCheckTest {
    private static final String FIRST =
            "rmgr: Heap        len (rec/tot):     54/    54, tx:        731, lsn: 0/01500028, prev 0/01500000, desc: INSERT off 1";
    private static final String LAST =
            "rmgr: Transaction len (rec/tot):     34/    34, tx:        731, lsn: 0/01500060, prev 0/01500028, desc: COMMIT 2026";
    private static final WalReader.Scan SCAN = new WalReader.Scan(
            lsn("0/1500028"),
            lsn("0/1500060"),
            34,
            lsn("0/1500088"),
            Optional.empty(),
            List.of(lsn("0/1500028"), lsn("0/1500060")),
            1);

    @Test
    void agreesWhenBothSeeTheSame() {
        for (String error : List.of(
                "pg_waldump: error: error in WAL record at 0/1500060: invalid record length at 0/1500088: wanted 24, got 0",
                "pg_waldump: fatal: error in WAL record at 0/1500060: incorrect resource manager data checksum in record at 0/1500088",
                "pg_waldump: error: error in WAL record at 0/1500060: invalid magic number 0000 in log segment 0000, offset 0")) {
            assertThat(WalTailCheck.disagreement(SCAN, List.of(FIRST, LAST), error, false))
                    .as(error)
                    .isEmpty();
        }
    }

    @Test
    void agreesWhenNothingFollowsAndNothingIsSaid() {
        assertThat(WalTailCheck.disagreement(SCAN, List.of(FIRST, LAST), "", true))
                .isEmpty();
        assertThat(WalTailCheck.disagreement(SCAN, List.of(FIRST, LAST), "", false))
                .isPresent();
    }

    @Test
    void anyDifferenceIsADisagreement() {
        String error =
                "pg_waldump: error: error in WAL record at 0/1500060: invalid record length at 0/1500088: wanted 24, got 0";
        assertThat(WalTailCheck.disagreement(SCAN, List.of(FIRST), error, false))
                .isPresent();
        assertThat(WalTailCheck.disagreement(
                        SCAN, List.of(FIRST, LAST.replace("34/    34", "34/    38")), error, false))
                .isPresent();
        assertThat(WalTailCheck.disagreement(
                        SCAN, List.of(FIRST, LAST), error.replace("0/1500060:", "0/1500028:"), false))
                .isPresent();
        assertThat(WalTailCheck.disagreement(
                        SCAN, List.of(FIRST, LAST), error.replace("0/1500088", "0/1600088"), false))
                .isPresent();
        assertThat(WalTailCheck.disagreement(SCAN, List.of(FIRST, LAST), "pg_waldump: error: could not open", false))
                .isPresent();
    }

    private static Lsn lsn(String text) {
        return Lsn.parse(text);
    }
}
