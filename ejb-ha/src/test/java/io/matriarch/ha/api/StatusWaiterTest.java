package io.matriarch.ha.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.decide.StatusSamples;
import io.matriarch.ha.health.HealthState;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.status.StatusBoardBean;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StatusWaiterTest {
    private static final Duration LONG = Duration.ofSeconds(50);

    private final StatusBoardBean board = new StatusBoardBean(new HealthState());
    private final StatusWaiter waiter = new StatusWaiter(board);

    @Test
    void whatThePublishedStatusAnswersIsNotWaitedFor() {
        board.publish(StatusSamples.replica());

        assertThat(waiter.await(status -> Optional.of(status.self()), LONG)).contains(StatusSamples.ME);
    }

    @Test
    void eachNewStatusIsLookedAtUntilOneAnswers() throws InterruptedException {
        board.publish(StatusSamples.replica());
        var looked = new CountDownLatch(1);
        var publisher = Thread.ofPlatform().start(() -> {
            awaitQuietly(looked);
            board.publish(StatusSamples.replica());
            board.publish(StatusSamples.leader());
        });
        Function<NodeStatus, Optional<String>> leads = status -> {
            looked.countDown();
            return status.holdsLock() ? Optional.of("leads") : Optional.empty();
        };

        assertThat(waiter.await(leads, LONG)).contains("leads");
        publisher.join();
    }

    @Test
    void aStatusThatIsPublishedWhileTheLastOneIsJudgedIsNotMissed() {
        board.publish(StatusSamples.replica());
        var looks = new AtomicInteger();

        var found = waiter.await(
                status -> {
                    if (looks.getAndIncrement() == 0) {
                        board.publish(StatusSamples.leader());
                        return Optional.empty();
                    }
                    return Optional.of(status.holdsLock());
                },
                LONG);

        assertThat(found).contains(true);
    }

    @Test
    void theBoundEndsTheWait() {
        board.publish(StatusSamples.replica());

        assertThat(waiter.await(status -> Optional.empty(), Duration.ofMillis(30)))
                .isEmpty();
        assertThat(new StatusWaiter(new StatusBoardBean(new HealthState())).await(Optional::of, Duration.ofMillis(30)))
                .isEmpty();
    }

    @Test
    void anInterruptEndsTheWaitAndIsKept() {
        board.publish(StatusSamples.replica());
        Thread.currentThread().interrupt();

        assertThat(waiter.await(status -> Optional.empty(), LONG)).isEmpty();
        assertThat(Thread.interrupted()).isTrue();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
