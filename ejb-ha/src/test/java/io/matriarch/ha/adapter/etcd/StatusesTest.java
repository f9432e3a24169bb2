package io.matriarch.ha.adapter.etcd;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusesTest {

    @ParameterizedTest
    @ValueSource(strings = {"3.3.25", "3.0.0", "2.3.8"})
    void anEtcdThatIsTooOldIsRefusedWithASentence(String version) {
        assertThatThrownBy(() -> Statuses.requireVersion(version))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("etcd " + version + " is too old: Matriarch needs etcd 3.4 or later");
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.4.0", "3.4.23", "3.5.0-rc.1", "3.6.1", "4.0.0", "unreadable"})
    void anEtcdThatIsNewEnoughIsTaken(String version) {
        assertThatCode(() -> Statuses.requireVersion(version)).doesNotThrowAnyException();
    }
}
