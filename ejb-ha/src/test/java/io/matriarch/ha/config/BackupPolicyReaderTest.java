package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.BackupPolicy;
import io.matriarch.ha.model.BackupPolicy.Job;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackupPolicyReaderTest {
    private static BackupPolicyReader.Read read(String backup) {
        return BackupPolicyReader.dynamic(
                Optional.of("{\"ttl\":5,\"matriarch\":{\"backup\":" + backup + "}}"), BackupPolicy.DEFAULTS);
    }

    @Test
    void sayingNothingLeavesWhatHeldBelow() {
        assertThat(BackupPolicyReader.dynamic(Optional.empty(), BackupPolicy.DEFAULTS)
                        .policy())
                .isEqualTo(BackupPolicy.DEFAULTS);
        assertThat(BackupPolicyReader.dynamic(Optional.of("no json"), BackupPolicy.DEFAULTS)
                        .policy())
                .isEqualTo(BackupPolicy.DEFAULTS);
        assertThat(read("{}")).isEqualTo(new BackupPolicyReader.Read(BackupPolicy.DEFAULTS, java.util.List.of()));
    }

    @Test
    void eachValueCanBeChangedAlone() {
        var read = read("""
                {"schedule":"0 * * * *","verify_schedule":"off","zone":"Europe/Madrid","keep":5,"format":"lz4","workers":0,
                 "rate":"20MB","incremental":{"full_every":"1d"},"retention":{"window":"7d","daily":14,"delay":0}}""");

        assertThat(read.problems()).isEmpty();
        assertThat(read.policy().schedules())
                .containsEntry(Job.BACKUP, "0 * * * *")
                .doesNotContainKey(Job.VERIFY)
                .containsEntry(Job.EXPIRE, BackupPolicy.DEFAULTS.schedules().get(Job.EXPIRE));
        assertThat(read.policy().zone().getId()).isEqualTo("Europe/Madrid");
        assertThat(read.policy().format()).isEqualTo("lz4");
        assertThat(read.policy().workers()).isZero();
        assertThat(read.policy().rateKib()).contains(20_480L);
        assertThat(read.policy().incremental())
                .isEqualTo(new BackupPolicy.Incremental(
                        Duration.ofDays(1), BackupPolicy.DEFAULTS.incremental().longestChain()));
        assertThat(read.policy().retention().keep()).isEqualTo(5);
        assertThat(read.policy().retention().window()).isEqualTo(Duration.ofDays(7));
        assertThat(read.policy().retention().daily()).isEqualTo(14);
        assertThat(read.policy().retention().delay()).isEqualTo(Duration.ZERO);
        assertThat(read.policy().retention().rollback())
                .isEqualTo(BackupPolicy.DEFAULTS.retention().rollback());
    }

    @Test
    void aCopyIsSlowedByLatencyWhenAsked() {
        var read = read("{\"throttle\":{\"latency\":\"25%\",\"floor\":\"4MB\"}}");
        assertThat(read.problems()).isEmpty();
        assertThat(read.policy().throttle()).isEqualTo(new BackupPolicy.Throttle(Optional.of(25), 4096));

        var off = BackupPolicyReader.dynamic(
                Optional.of("{\"matriarch\":{\"backup\":{\"throttle\":{\"latency\":false}}}}"), read.policy());
        assertThat(off.policy().throttle()).isEqualTo(new BackupPolicy.Throttle(Optional.empty(), 4096));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0%", "25", "1001%", "-5%", "much"})
    void aThrottleThatIsNoneIsSaidAndChangesNothing(String latency) {
        var read = read("{\"throttle\":{\"latency\":\"" + latency + "\",\"floor\":\"1kB\"}}");

        assertThat(read.policy()).isEqualTo(BackupPolicy.DEFAULTS);
        assertThat(read.problems())
                .anyMatch(p -> p.startsWith("matriarch.backup.throttle.latency") && p.contains("1000%"))
                .anyMatch(p -> p.startsWith("matriarch.backup.throttle.floor") && p.contains("from 128"));
    }

    @Test
    void allSchedulesMayBeOff() {
        var off = read("""
                {"schedule":"off","verify_schedule":"off","expire_schedule":"off","check_schedule":false}""").policy();
        assertThat(off.schedules()).isEmpty();
        var again = BackupPolicyReader.dynamic(
                Optional.of("{\"matriarch\":{\"backup\":{\"schedule\":\"0 * * * *\"}}}"), off);
        assertThat(again.policy().schedules()).containsOnlyKeys(Job.BACKUP);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "99 * * * *",
                "*/0 * * * *",
                "0 3 * * abc",
                "0 24 * * *",
                "0 0 0 * *",
                "0 0 * 13 *",
                "5-1 * * * *",
                "* * * *",
                "* * * * * *",
                "1,,2 * * * *"
            })
    void aScheduleThatIsNoneIsSaidAndChangesNothing(String cron) {
        var read = read("{\"schedule\":\"" + cron + "\"}");

        assertThat(read.policy()).isEqualTo(BackupPolicy.DEFAULTS);
        assertThat(read.problems()).singleElement().asString().contains("five cron fields", cron);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"*/30 * * * *", "15 3 * * mon-fri", "0,30 8-18/2 1 jan,JUL 0", "5 4 * * 7", "1-5/2 * * * *"})
    void aScheduleIsTaken(String cron) {
        assertThat(read("{\"schedule\":\"" + cron + "\"}").policy().schedules()).containsEntry(Job.BACKUP, cron);
    }

    @Test
    void whatIsWrongIsNamedAllAtOnceAndWhatHeldBelowHolds() {
        var read = read(
                "{\"schedule\":\"at noon\",\"keep\":0,\"zone\":\"Mars\",\"format\":\"rar\",\"kep\":4,\"incremental\":{\"longest_chain\":1}}");

        assertThat(read.policy()).isEqualTo(BackupPolicy.DEFAULTS);
        assertThat(read.problems())
                .anyMatch(p -> p.startsWith("matriarch.backup.schedule") && p.contains("five cron fields"))
                .anyMatch(p -> p.startsWith("matriarch.backup.keep") && p.contains("from 1"))
                .anyMatch(p -> p.startsWith("matriarch.backup.zone") && p.contains("Mars"))
                .anyMatch(p -> p.startsWith("matriarch.backup.format") && p.contains("zstd"))
                .anyMatch(p -> p.startsWith("matriarch.backup.incremental.longest_chain") && p.contains("from 2"))
                .anyMatch(p -> p.startsWith("matriarch.backup.kep") && p.contains("keep"));
    }
}
