package io.matriarch.ha.adapter.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DecisionEntry;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.WalPosition;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordJsonTest {
    record Holder(Outcome outcome, List<Action> actions) {}

    @ParameterizedTest
    @ValueSource(classes = {DecisionEntry.class, NodeStatus.class, HaMemory.class, Holder.class})
    void whatIsWrittenIsReadBackEqual(Class<? extends Record> type) {
        for (long seed = 1; seed <= 60; seed++) {
            Record value = new RandomValues(seed).of(type);
            String text = RecordJson.write(value);
            assertThat(RecordJson.read(text, type))
                    .as("seed %d: %s", seed, text)
                    .isEqualTo(value);
            assertThat(text).as("one line").doesNotContain("\n");
        }
    }

    @Test
    void positionsAreWrittenAsPostgresDoes() {
        var wal = new WalPosition(
                new Timeline(2),
                Lsn.parse("0/3000060"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                ReplicationState.NONE,
                false);
        assertThat(RecordJson.write(wal))
                .isEqualTo(
                        "{\"timeline\":2,\"written\":\"0/03000060\",\"replicationState\":\"NONE\",\"replayPaused\":false}");
    }

    @Test
    void whatALaterVersionAddsIsIgnoredAndWhatAnOlderOneLacksIsEmpty() {
        var read = RecordJson.read("{\"crashesInPlace\":2,\"unheardOf\":{\"a\":1}}", HaMemory.class);
        assertThat(read).isEqualTo(HaMemory.EMPTY.with(m -> m.crashesInPlace = 2));
    }

    @Test
    void wrongKindsAreRefusedWithTheirName() {
        assertThatThrownBy(() -> RecordJson.read("{\"outcome\":{\"is\":\"Nothing\"}}", Holder.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Nothing");
        assertThatThrownBy(() -> RecordJson.read("[]", Holder.class)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RecordJson.read("{\"outcome\":", Holder.class))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTextIsPlainJson() {
        var value = new Holder(new Outcome.Failed("why"), List.of());
        assertThat(Json.parseObject(RecordJson.write(value)).object("outcome").flatMap(o -> o.string("is")))
                .contains("Failed");
    }
}
