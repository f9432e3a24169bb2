package io.matriarch.ha.adapter.postgres;

import static io.matriarch.ha.model.PostgresRole.PRIMARY;
import static io.matriarch.ha.model.PostgresRole.REPLICA;
import static io.matriarch.ha.model.PostgresRole.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.PostgresState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallbackTriggerTest {
    private final List<String> fired = new ArrayList<>();
    private final CallbackTrigger trigger = new CallbackTrigger((event, role) -> fired.add(event.key() + " " + role));

    @Test
    void newAgentBeginsWithOnStartAndRepeatsNothing() {
        trigger.seen(PostgresState.RUNNING, REPLICA);
        trigger.seen(PostgresState.RUNNING, REPLICA);
        trigger.seen(PostgresState.HUNG, UNKNOWN);
        trigger.seen(PostgresState.RUNNING, UNKNOWN);
        trigger.seen(PostgresState.RUNNING, REPLICA);
        assertThat(fired).containsExactly("on_start replica");
    }

    @Test
    void promotionIsAChangeOfRole() {
        trigger.seen(PostgresState.RUNNING, REPLICA);
        trigger.seen(PostgresState.RUNNING, PRIMARY);
        assertThat(fired).containsExactly("on_start replica", "on_role_change primary");
    }

    @Test
    void demotionStopsAndComesBackWithAnotherRole() {
        trigger.seen(PostgresState.RUNNING, PRIMARY);
        trigger.seen(PostgresState.STOPPING, UNKNOWN);
        trigger.seen(PostgresState.STOPPED, PRIMARY);
        trigger.seen(PostgresState.STOPPED, REPLICA);
        trigger.seen(PostgresState.RUNNING, REPLICA);
        assertThat(fired).containsExactly("on_start primary", "on_stop primary", "on_role_change replica");
    }

    @Test
    void crashThatComesBackIsAStartOnly() {
        trigger.seen(PostgresState.RUNNING, PRIMARY);
        trigger.seen(PostgresState.CRASHED, PRIMARY);
        trigger.seen(PostgresState.RUNNING, PRIMARY);
        assertThat(fired).containsExactly("on_start primary", "on_start primary");
    }
}
