package io.matriarch.backup.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.node.NodeTask.Work;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TaskQueueTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger runs = new AtomicInteger();
    private final TaskQueue queue = new TaskQueue(LIMIT);

    @AfterEach
    void end() {
        release.countDown();
    }

    @Test
    void theSameIdTwiceIsOneTask() {
        var first = queue.begin("a", "restore", 7, task -> this::waits).orElseThrow();
        var again = queue.begin("a", "restore", 7, task -> this::waits).orElseThrow();
        release.countDown();

        assertThat(again).isSameAs(first);
        assertThat(first.awaitEnd(LIMIT)).isTrue();
        assertThat(runs).hasValue(1);
        assertThat(first.document()).containsEntry("state", "DONE").containsEntry("result", Map.of("n", 1));
    }

    @Test
    void oneAtATimeForOneTenure() {
        queue.begin("a", "restore", 7, task -> this::waits);

        assertThat(queue.begin("b", "restore", 7, task -> this::waits)).isEmpty();
        assertThat(queue.running()).isEqualTo(queue.find("a"));
    }

    @Test
    void whatAnOlderTenureBeganIsStoppedFirst() {
        var old = queue.begin("a", "restore", 7, TaskQueueTest::untilHalted).orElseThrow();

        var next = queue.begin("b", "restore", 8, task -> this::waits).orElseThrow();

        assertThat(old.document()).containsEntry("state", "STOPPED");
        assertThat(next.isRunning()).isTrue();
    }

    @Test
    void nothingOfAnOlderTenureBeginsAfterANewerOneHasEnded() {
        queue.begin("b", "restore", 8, task -> Map::of).orElseThrow().awaitEnd(LIMIT);

        assertThat(queue.begin("a", "restore", 7, task -> this::waits)).isEmpty();
    }

    @Test
    void nothingBeginsBesideOneThatDoesNotEnd() {
        var impatient = new TaskQueue(Duration.ofMillis(50));
        impatient.begin("a", "restore", 7, task -> this::waits);

        assertThat(impatient.begin("b", "restore", 8, task -> this::waits)).isEmpty();
    }

    @Test
    void aFailureIsToldAndMakesRoom() {
        var failed = queue.begin("a", "restore", 7, task -> () -> {
                    throw new IOException("the disk is full");
                })
                .orElseThrow();

        assertThat(failed.awaitEnd(LIMIT)).isTrue();
        assertThat(failed.document()).containsEntry("state", "FAILED").containsEntry("why", "the disk is full");
        assertThat(queue.begin("b", "restore", 7, task -> this::waits)).isPresent();
    }

    @Test
    void onlyTheLastOnesAreRemembered() {
        for (int i = 0; i < 40; i++) {
            queue.begin("t" + i, "restore", 7, task -> Map::of).orElseThrow().awaitEnd(LIMIT);
        }

        assertThat(queue.find("t0")).isEmpty();
        assertThat(queue.find("t39")).isPresent();
    }

    private Map<String, Object> waits() throws IOException {
        try {
            release.await();
            return Map.of("n", runs.incrementAndGet());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static Work untilHalted(NodeTask task) {
        return () -> {
            while (true) {
                task.halt().check();
                Thread.onSpinWait();
            }
        };
    }
}
