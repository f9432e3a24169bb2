package io.matriarch.backup.node;

import io.matriarch.backup.sandbox.Halt;
import io.matriarch.backup.sandbox.Halt.HaltedException;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/** One task of this node: how far it is, how it ended. The node's thread writes, callers read. */
final class NodeTask implements NodeWork.Telling {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    private final String id;
    private final String kind;
    private final long token;
    private final Halt halt = new Halt();
    private final Set<String> reads = new TreeSet<>();
    private State state = State.RUNNING;
    private String doing = "";
    private long bytes;
    private Optional<Long> total = Optional.empty();
    private Optional<String> why = Optional.empty();
    private Map<String, Object> result = Map.of();

    NodeTask(String id, String kind, long token) {
        this.id = id;
        this.kind = kind;
        this.token = token;
    }

    /** The names are part of the protocol. */
    enum State {
        RUNNING,
        DONE,
        FAILED,
        /** As it was asked to. */
        STOPPED
    }

    /** What it does. */
    @FunctionalInterface
    interface Work {
        Map<String, Object> run() throws IOException;
    }

    long token() {
        return token;
    }

    Halt halt() {
        return halt;
    }

    /** Runs it to its end, however that is. */
    void run(Work work) {
        try {
            var done = work.run();
            ended(State.DONE, Optional.empty(), done);
        } catch (HaltedException e) {
            ended(State.STOPPED, Optional.of("it was stopped"), Map.of());
        } catch (IOException e) {
            ended(State.FAILED, Optional.of(String.valueOf(e.getMessage())), Map.of());
        } catch (RuntimeException e) {
            LOG.errorf(e, "[node-task-broken] %s", kind);
            ended(State.FAILED, Optional.of("an unexpected error: " + e), Map.of());
        } finally {
            // An error of the machine itself, such as no memory, leaves no task that runs for ever.
            ended(State.FAILED, Optional.of("it broke off"), Map.of());
        }
    }

    private synchronized void ended(State how, Optional<String> because, Map<String, Object> document) {
        if (isRunning()) {
            state = how;
            why = because;
            result = document;
            LOG.infof(
                    "[node-task-ended] %s: %s%s",
                    kind, how, because.map(b -> ": " + b).orElse(""));
            notifyAll();
        }
    }

    synchronized boolean isRunning() {
        return state == State.RUNNING;
    }

    /** Returns when it has ended, after {@code bound} at the latest; whether it has. */
    synchronized boolean awaitEnd(Duration bound) {
        long end = System.nanoTime() + bound.toNanos();
        try {
            for (long left = bound.toMillis(); isRunning() && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !isRunning();
    }

    @Override
    public synchronized void says(String what) {
        doing = what;
        bytes = 0;
        total = Optional.empty();
    }

    @Override
    public synchronized void at(String what, long done, long all) {
        doing = what;
        bytes = done;
        total = Optional.of(all);
    }

    @Override
    public synchronized void reads(String label) {
        reads.add(label);
    }

    synchronized Map<String, Object> document() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("id", id);
        out.put("kind", kind);
        out.put("token", token);
        out.put("state", state.name());
        out.put("doing", doing);
        total.ifPresent(all -> {
            out.put("bytes", bytes);
            out.put("total", all);
        });
        out.put("reads", reads.stream().toList());
        why.ifPresent(because -> out.put("why", because));
        if (state == State.DONE) {
            out.put("result", result);
        }
        return out;
    }
}
