package io.matriarch.backup.node;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** One task at a time, on a thread of its own, which is there only while it is needed; the last ones that ended are remembered. */
final class TaskQueue {
    /** What a task returned may be megabytes, and one is asked for again only when its answer was lost on the way. */
    private static final int MOST_REMEMBERED = 4;

    private final Duration patience;
    private final Map<String, NodeTask> tasks = new LinkedHashMap<>();
    private long newest;

    /** @param patience how long a task of an older tenure may take to end */
    TaskQueue(Duration patience) {
        this.patience = patience;
    }

    /** Makes the work of a task that can tell how far it is. */
    @FunctionalInterface
    interface Making {
        NodeTask.Work of(NodeTask task);
    }

    /**
     * Begins a task, or finds the one of that id. One of an older tenure is stopped before: nobody watches it any more.
     *
     * @return empty if another one runs, or the tenure was overtaken in this very moment
     */
    synchronized Optional<NodeTask> begin(String id, String kind, long token, Making work) {
        var known = find(id);
        if (known.isPresent()) {
            return known;
        }
        if (token < newest) {
            return Optional.empty();
        }
        newest = token;
        var running = running();
        if (running.isPresent()) {
            if (running.get().token() >= token) {
                return Optional.empty();
            }
            running.get().halt().ask();
            if (!running.get().awaitEnd(patience)) {
                return Optional.empty();
            }
        }
        var task = new NodeTask(id, kind, token);
        remember(id, task);
        Thread.ofPlatform().daemon().name("matriarch-node-task").start(() -> task.run(work.of(task)));
        return Optional.of(task);
    }

    private void remember(String id, NodeTask task) {
        synchronized (tasks) {
            tasks.put(id, task);
            if (tasks.size() > MOST_REMEMBERED) {
                tasks.remove(tasks.keySet().iterator().next());
            }
        }
    }

    Optional<NodeTask> find(String id) {
        synchronized (tasks) {
            return Optional.ofNullable(tasks.get(id));
        }
    }

    /** The one that runs. */
    Optional<NodeTask> running() {
        synchronized (tasks) {
            return tasks.values().stream().filter(NodeTask::isRunning).findFirst();
        }
    }
}
