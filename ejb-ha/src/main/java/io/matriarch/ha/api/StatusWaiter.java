package io.matriarch.ha.api;

import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.status.StatusBoardBean;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Lets a command wait until the loop publishes what it waits for: woken by each new status, never polling. Thread safe. */
final class StatusWaiter {
    private final Object news = new Object();
    private final StatusBoardBean board;
    private long published;

    StatusWaiter(StatusBoardBean board) {
        this.board = board;
        board.onPublish(status -> {
            synchronized (news) {
                published++;
                news.notifyAll();
            }
        });
    }

    /**
     * Blocks until {@code answer} makes something of the newest status, at most {@code bound}.
     *
     * @return empty when the bound passed, or when the thread was interrupted
     */
    <T> Optional<T> await(Function<NodeStatus, Optional<T>> answer, Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        while (true) {
            long seen;
            synchronized (news) {
                seen = published;
            }
            Optional<T> found = board.newest().flatMap(answer);
            if (found.isPresent() || !awaitNews(seen, deadline)) {
                return found;
            }
        }
    }

    private boolean awaitNews(long seen, long deadline) {
        synchronized (news) {
            while (published == seen) {
                long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
                if (leftMillis <= 0) {
                    return false;
                }
                try {
                    news.wait(leftMillis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return true;
        }
    }
}
