package io.matriarch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.SystemIdentifier;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordsGuardTest {
    private static final Optional<SystemIdentifier> ONE = Optional.of(new SystemIdentifier("7300000000000000001"));
    private static final Optional<SystemIdentifier> OTHER = Optional.of(new SystemIdentifier("7300000000000000002"));

    @Test
    void recordsInAFileNeedNoProof() {
        RecordsGuard.Question unreachable = () -> {
            throw new IOException("etcd is away");
        };
        assertThat(new RecordsGuard(Optional::empty, unreachable).objection()).isEmpty();
    }

    @Test
    void recordsInAnotherServerAreFine() {
        assertThat(new RecordsGuard(() -> ONE, () -> OTHER).objection()).isEmpty();
    }

    @Test
    void recordsInTheManagedClusterStartNoJob() {
        assertThat(new RecordsGuard(() -> ONE, () -> ONE).objection())
                .hasValueSatisfying(why -> assertThat(why).contains("managed cluster itself"));
    }

    @Test
    void whatIsUnknownStartsNoJobUntilItIsKnown() {
        var known = new boolean[1];
        var guard = new RecordsGuard(() -> ONE, () -> {
            if (!known[0]) {
                throw new IOException("etcd is away");
            }
            return OTHER;
        });

        assertThat(guard.objection()).hasValueSatisfying(why -> assertThat(why).contains("etcd is away"));
        known[0] = true;
        assertThat(guard.objection()).isEmpty();
        known[0] = false;
        assertThat(guard.objection()).as("proven once").isEmpty();
        assertThat(new RecordsGuard(() -> ONE, Optional::empty).objection())
                .hasValueSatisfying(why -> assertThat(why).contains("not known yet"));
    }
}
