package io.matriarch.ha.adapter.system;

import io.matriarch.ha.model.DecisionEntry;
import io.matriarch.ha.port.DecisionJournal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Keeps decisions as JSON lines below the state directory, in a bounded number of files of bounded size. The loop only puts an entry
 * into a queue; one thread writes. Entries that say the same as the one before become a count. Thread safe.
 */
public final class FileDecisionJournal implements DecisionJournal {
    private static final Logger LOG = Logger.getLogger(FileDecisionJournal.class);
    private static final int QUEUE = 256;
    private static final int REMEMBERED = 64;
    private static final long CLOSE_WAIT_MS = 3_000;

    private final JournalFiles files;
    /** Empty = the end: interrupting the writer would close the file under it. */
    private final BlockingQueue<Optional<DecisionEntry>> queue = new ArrayBlockingQueue<>(QUEUE);

    private final ArrayDeque<DecisionEntry> recent = new ArrayDeque<>();
    private final AtomicBoolean overflowReported = new AtomicBoolean();
    private final Thread writer;

    /** @param directory created when it is missing */
    public FileDecisionJournal(Path directory) {
        this(directory, 8, 4L << 20);
    }

    FileDecisionJournal(Path directory, int maxFiles, long maxFileBytes) {
        this.files = new JournalFiles(directory, maxFiles, maxFileBytes);
        this.writer = Thread.ofPlatform().daemon().name("matriarch-journal").start(this::write);
    }

    @Override
    public void append(DecisionEntry entry) {
        synchronized (recent) {
            recent.addFirst(entry);
            if (recent.size() > REMEMBERED) {
                recent.removeLast();
            }
        }
        if (!queue.offer(Optional.of(entry)) && overflowReported.compareAndSet(false, true)) {
            LOG.warnf("the decision journal in %s cannot be written fast enough: entries are lost", files.directory());
        }
    }

    @Override
    public List<DecisionEntry> newest(int limit) {
        List<DecisionEntry> known;
        synchronized (recent) {
            known = recent.stream().limit(limit).toList();
        }
        if (known.size() >= limit) {
            return known;
        }
        var all = new ArrayList<>(known);
        try {
            for (DecisionEntry entry : files.newest(limit + REMEMBERED)) {
                // What is remembered is in the files too, or will be in a moment.
                if (all.size() < limit
                        && (known.isEmpty()
                                || entry.at().isBefore(known.getLast().at()))) {
                    all.add(entry);
                }
            }
        } catch (IOException e) {
            LOG.warnf("the decision journal in %s cannot be read: %s", files.directory(), e.toString());
        }
        return List.copyOf(all);
    }

    private void write() {
        boolean broken = false;
        boolean ended = false;
        var batch = new ArrayList<Optional<DecisionEntry>>();
        while (!ended) {
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                // Nobody has a reason to; the queue says when it is over.
                continue;
            }
            queue.drainTo(batch);
            ended = batch.stream().anyMatch(Optional::isEmpty);
            try {
                files.append(batch.stream().flatMap(Optional::stream).toList());
                broken = false;
            } catch (IOException e) {
                if (!broken) {
                    LOG.errorf("the decision journal in %s cannot be written: %s", files.directory(), e.toString());
                }
                broken = true;
            }
            batch.clear();
        }
        files.close();
    }

    @Override
    public void close() {
        try {
            if (queue.offer(Optional.empty(), CLOSE_WAIT_MS, TimeUnit.MILLISECONDS)) {
                writer.join(CLOSE_WAIT_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
