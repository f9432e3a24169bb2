package io.matriarch.backup.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was there at the verification before, and is not any more. Pure. */
final class Comparison {
    private static final int SHOWN = 10;

    private Comparison() {}

    /**
     * What was lost: one sentence for each object that vanished, and for each table that shrank.
     *
     * @param rowDropPercent a table may lose so much of its rows
     */
    static List<String> losses(
            ProofDocument before, Map<String, Long> rows, Map<String, String> objects, int rowDropPercent) {
        var lost = new ArrayList<String>();
        for (var name : new TreeMap<>(before.objects()).keySet()) {
            if (!objects.containsKey(name)) {
                lost.add(name + " vanished since " + before.of());
            }
        }
        for (var table : new TreeMap<>(before.rows()).entrySet()) {
            long had = table.getValue();
            var has = rows.get(table.getKey());
            // Of one that vanished its object says so.
            if (has != null && has < had && (had - has) * 100 > had * rowDropPercent) {
                lost.add(table.getKey() + " has " + has + " rows, it had " + had + " at " + before.of());
            }
        }
        return lost;
    }

    /** Not more than a person reads. */
    static String words(List<String> sentences) {
        return sentences.size() <= SHOWN
                ? String.join("; ", sentences)
                : String.join("; ", sentences.subList(0, SHOWN)) + "; and " + (sentences.size() - SHOWN) + " more";
    }
}
