package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.BackupPolicy;
import io.matriarch.ha.model.BackupPolicy.Assertion;
import io.matriarch.ha.model.BackupPolicy.Losses;
import io.matriarch.ha.model.BackupPolicy.Replay;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the users want of a verification. */
class VerificationReaderTest {
    private static BackupPolicyReader.Read read(String backup) {
        return BackupPolicyReader.dynamic(
                Optional.of("{\"matriarch\":{\"backup\":" + backup + "}}"), BackupPolicy.DEFAULTS);
    }

    @Test
    void eachValueIsTaken() {
        var read = read("""
                {"heartbeat":"1min","verification":{"replay":"consistency","every":7,"tolerance":"2min","losses":"suspect",
                 "row_drop":5,"assertions":[
                 {"name":"orders","database":"shop","sql":"select count(*) > 0 from orders"},
                 {"name":"two rows","sql":"select a, b from t","expects":"1|x\\n2|y"},
                 {"name":"none","sql":"select exists(select from t)","expects":false}]}}""");

        assertThat(read.problems()).isEmpty();
        var wanted = read.policy().verification();
        assertThat(wanted.heartbeat()).isEqualTo(Duration.ofMinutes(1));
        assertThat(wanted.replay()).isEqualTo(Replay.CONSISTENCY);
        assertThat(wanted.every()).isEqualTo(7);
        assertThat(wanted.tolerance()).isEqualTo(Duration.ofMinutes(2));
        assertThat(wanted.losses()).isEqualTo(Losses.SUSPECT);
        assertThat(wanted.rowDropPercent()).isEqualTo(5);
        assertThat(wanted.assertions())
                .containsExactly(
                        new Assertion("orders", Optional.of("shop"), "select count(*) > 0 from orders", "t"),
                        new Assertion("two rows", Optional.empty(), "select a, b from t", "1|x\n2|y"),
                        new Assertion("none", Optional.empty(), "select exists(select from t)", "f"));
    }

    @Test
    void heartbeatMayBeOff() {
        assertThat(read("{\"heartbeat\":\"off\"}").policy().verification().heartbeat())
                .isZero();
        assertThat(read("{\"heartbeat\":false}").policy().verification().heartbeat())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{'heartbeat':0};heartbeat;from 1 to 3600",
                "{'verification':{'replay':'dice'}};verification.replay;random, consistency",
                "{'verification':{'every':0}};verification.every;from 1",
                "{'verification':{'losses':'panic'}};verification.losses;report, suspect",
                "{'verification':{'row_drop':101}};verification.row_drop;from 0 to 100",
                "{'verification':{'assertions':'select 1'}};verification.assertions;must be a list",
                "{'verification':{'assertions':['select 1']}};verification.assertions[0];must be a map",
                "{'verification':{'assertions':[{'sql':'select 1'}]}};verification.assertions[0].name;is missing",
                "{'verification':{'assertions':[{'name':'a'}]}};verification.assertions[0].sql;is missing",
                "{'verification':{'assertions':[{'name':'a','sql':'\\\\! id'}]}};verification.assertions[0].sql;backslash",
                "{'verification':{'assertions':[{'name':'a','sql':'select 1','databse':'x'}]}};"
                        + "verification.assertions[0].databse;database",
                "{'verification':{'assertion':[]}};verification.assertion;assertions"
            })
    void whatIsWrongIsNamedAndWhatHeldBelowHolds(String backup, String key, String words) {
        var read = read(backup.replace('\'', '"'));

        assertThat(read.problems())
                .anySatisfy(problem -> assertThat(problem)
                        .startsWith("matriarch.backup." + key)
                        .contains(words));
        assertThat(read.policy().verification().replay()).isEqualTo(Replay.RANDOM);
    }

    @Test
    void assertionsThatAreRightHoldBesideOneThatIsNot() {
        var read = read("""
                {"verification":{"assertions":[{"name":"a","sql":"select true"},{"name":"a","sql":"select false"},
                 {"name":"b","sql":"select true","database":""}]}}""");

        assertThat(read.policy().verification().assertions())
                .containsExactly(new Assertion("a", Optional.empty(), "select true", "t"));
        assertThat(read.problems()).hasSize(2).anyMatch(p -> p.contains("is there twice"));
    }
}
