package io.matriarch.backup.verify;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What one verification found.
 *
 * @param reached the highest level that is proven
 * @param fault why no higher one is, where a check failed; one sentence
 * @param parent label of the earlier backup in which the fault is, where it is in one that this one builds on
 * @param restore from the empty directory until it accepted connections at its target: what a restore of this backup costs at least
 * @param whole how long all of it took
 * @param rows of each table, by {@code database.schema.table}
 * @param objects digests of the users' objects, by database, kind and name
 * @param skipped checks that could not be made, and why; none of them was failed
 * @param losses what was there at the verification before, and is not any more
 * @param moment that it was replayed to; empty: to the end of the backup
 * @param complaint what is wrong beside the backup, for example with the WAL behind it: the verification failed, the backup did not
 */
public record Verdict(
        Level reached,
        Optional<String> fault,
        Optional<String> parent,
        Duration restore,
        Duration whole,
        Map<String, Long> rows,
        Map<String, String> objects,
        List<String> skipped,
        List<String> losses,
        Optional<Instant> moment,
        Optional<String> complaint) {

    public Verdict {
        rows = Map.copyOf(rows);
        objects = Map.copyOf(objects);
        skipped = List.copyOf(skipped);
        losses = List.copyOf(losses);
    }

    /** Whether the backup counts towards retention. */
    public boolean counts() {
        return fault.isEmpty() && reached.compareTo(Level.STARTS) >= 0;
    }

    /** For people; one sentence. */
    String sentence() {
        if (fault.isPresent()) {
            return "failed after " + reached.word() + ": " + fault.get();
        }
        long all = rows.values().stream().mapToLong(Long::longValue).sum();
        var text = new StringBuilder(reached.word() + " in " + seconds(whole) + ", restored in " + seconds(restore));
        moment.ifPresent(at -> text.append(" up to ").append(at));
        text.append(", ").append(all).append(" rows in ").append(rows.size()).append(" tables");
        complaint.ifPresent(why -> text.append("; ").append(why));
        if (!losses.isEmpty()) {
            text.append("; ").append(Comparison.words(losses));
        }
        if (!skipped.isEmpty()) {
            text.append("; not checked: ").append(String.join("; ", skipped));
        }
        return text.toString();
    }

    /** All that is worth a word, for the record. */
    List<String> remarks() {
        var all = new ArrayList<String>();
        fault.ifPresent(all::add);
        complaint.ifPresent(all::add);
        all.addAll(losses);
        all.addAll(skipped);
        return all;
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
