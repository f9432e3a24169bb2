package io.matriarch.backup.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.sandbox.Room.NoRoomException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoomTest {
    @TempDir
    Path place;

    @Test
    void whatFitsNowhereIsSaidBefore() {
        assertThatThrownBy(() -> Room.mustBe(place, Long.MAX_VALUE, "restoring b1"))
                .isInstanceOf(NoRoomException.class)
                .hasMessageContainingAll("restoring b1 needs about " + Long.MAX_VALUE, place.toString(), "make room");
        assertThatCode(() -> Room.mustBe(place, 1, "restoring b1")).doesNotThrowAnyException();
    }

    @Test
    void serverThatRunsNeedsMoreThanItsFiles() {
        assertThat(Room.forServer(1000L << 20)).isEqualTo(1228L << 20);
    }
}
