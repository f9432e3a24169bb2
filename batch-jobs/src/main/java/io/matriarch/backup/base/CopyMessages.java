package io.matriarch.backup.base;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What pg_basebackup says with {@code --verbose --progress} in the C locale: how far it is, and where the backup begins and ends. */
final class CopyMessages {
    private static final Pattern DONE = Pattern.compile("^\\s*([0-9]+)/([0-9]+) kB .*");
    private static final Pattern START =
            Pattern.compile(".*write-ahead log start point: ([0-9A-F]+/[0-9A-F]+) on timeline ([0-9]+).*");
    private static final Pattern END = Pattern.compile(".*write-ahead log end point: ([0-9A-F]+/[0-9A-F]+).*");
    private static final long KIB = 1024;

    private final CopyProgress progress;
    private long bytes;
    private Optional<Lsn> start = Optional.empty();
    private Optional<Lsn> end = Optional.empty();
    private Optional<Timeline> timeline = Optional.empty();

    CopyMessages(CopyProgress progress) {
        this.progress = progress;
    }

    synchronized void accept(String line) {
        Matcher done = DONE.matcher(line);
        if (done.matches()) {
            bytes = Long.parseLong(done.group(1)) * KIB;
            progress.at(bytes, Long.parseLong(done.group(2)) * KIB);
            return;
        }
        Matcher began = START.matcher(line);
        if (began.matches()) {
            start = Optional.of(Lsn.parse(began.group(1)));
            timeline = Optional.of(new Timeline(Integer.parseInt(began.group(2))));
            return;
        }
        Matcher ended = END.matcher(line);
        if (ended.matches()) {
            end = Optional.of(Lsn.parse(ended.group(1)));
        }
    }

    /** Read from the server so far, before compression. */
    synchronized long bytes() {
        return bytes;
    }

    synchronized Optional<Lsn> start() {
        return start;
    }

    synchronized Optional<Lsn> end() {
        return end;
    }

    synchronized Optional<Timeline> timeline() {
        return timeline;
    }
}
