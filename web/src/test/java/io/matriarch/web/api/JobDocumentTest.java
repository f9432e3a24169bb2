package io.matriarch.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.JobRun;
import io.matriarch.backup.JobRun.State;
import io.matriarch.backup.JobTable;
import io.matriarch.ha.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobDocumentTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    @Test
    void runningJobSaysHowFarItIs() {
        var progress = new JobTable.Progress("copying", 50, Optional.of(100L), 10, Optional.of(Duration.ofSeconds(5)));
        var run = new JobRun(
                4, "base-backup", State.RUNNING, NOON, Optional.empty(), Optional.empty(), Optional.of(progress));

        assertThat(Json.compact(JobDocument.of(run)))
                .isEqualTo(
                        "{\"id\":4,\"job\":\"base-backup\",\"state\":\"RUNNING\",\"started_at\":\"2026-11-23T12:00:00Z\","
                                + "\"progress\":{\"doing\":\"copying\",\"bytes\":50,\"total\":100,\"bytes_per_second\":10,\"seconds_left\":5}}");
    }

    @Test
    void detailsHoldParametersAndSteps() {
        var run = new JobRun(
                4,
                "verify-backup",
                State.FAILED,
                NOON,
                Optional.of(NOON.plusSeconds(9)),
                Optional.of("it is SUSPECT"),
                Optional.empty());
        var step = new JobRun.Step(
                "verify", State.FAILED, NOON, Optional.of(NOON.plusSeconds(8)), Optional.of("interrupted"));

        assertThat(Json.compact(JobDocument.of(new JobRun.Details(run, Map.of("label", "b1"), List.of(step)))))
                .isEqualTo(
                        "{\"id\":4,\"job\":\"verify-backup\",\"state\":\"FAILED\",\"started_at\":\"2026-11-23T12:00:00Z\","
                                + "\"ended_at\":\"2026-11-23T12:00:09Z\",\"outcome\":\"it is SUSPECT\",\"parameters\":{\"label\":\"b1\"},"
                                + "\"steps\":[{\"name\":\"verify\",\"state\":\"FAILED\",\"started_at\":\"2026-11-23T12:00:00Z\","
                                + "\"ended_at\":\"2026-11-23T12:00:08Z\",\"outcome\":\"interrupted\"}]}");
    }
}
