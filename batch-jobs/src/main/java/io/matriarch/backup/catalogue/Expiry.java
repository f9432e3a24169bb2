package io.matriarch.backup.catalogue;

import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.retention.Backup;
import io.matriarch.backup.retention.Circumstances;
import io.matriarch.backup.retention.RetentionPlan;
import io.matriarch.backup.retention.RetentionPolicy;
import io.matriarch.backup.retention.RetentionSettings;
import io.matriarch.ha.model.BackupPolicy;
import io.matriarch.ha.model.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a run of expire-backups would do, in two phases: what the retention policy lets go is marked first, and deleted when it has been
 * marked for long enough and may still go. Pure.
 *
 * @param frozen why nothing is marked or deleted at all, if so
 * @param lines of each backup why it stays or goes, oldest first
 * @param mark labels that are marked now
 * @param unmark labels whose mark is taken back: something keeps them now
 * @param delete labels, in the order in which they go
 * @param walNeededFrom by lineage: WAL below it serves no backup that is left
 */
public record Expiry(
        Optional<String> frozen,
        List<Line> lines,
        List<String> mark,
        List<String> unmark,
        List<String> delete,
        Map<String, Lsn> walNeededFrom) {

    /**
     * One backup.
     *
     * @param stays whether a rule keeps it
     * @param reasons sentences, never empty
     * @param goesAt when it will be deleted if nothing changes; empty when it stays
     */
    public record Line(String label, boolean stays, List<String> reasons, Optional<Instant> goesAt) {
        public Line {
            reasons = List.copyOf(reasons);
        }
    }

    public Expiry {
        lines = List.copyOf(lines);
        mark = List.copyOf(mark);
        unmark = List.copyOf(unmark);
        delete = List.copyOf(delete);
        walNeededFrom = Map.copyOf(walNeededFrom);
    }

    /**
     * Plans a run.
     *
     * @param inUse labels that a restore, verification or clone reads now
     */
    public static Expiry of(
            Catalogue.Listing listing, Set<String> inUse, BackupPolicy policy, Circumstances circumstances) {
        var entries = listing.entries().stream()
                .collect(Collectors.toMap(e -> e.description().label(), Function.identity()));
        var backups = listing.entries().stream()
                .map(e -> e.forRetention(inUse.contains(e.description().label())))
                .toList();
        var retention = policy.retention();
        // Marks are not counted: were they, those that wait would hold up the rest.
        var settings = new RetentionSettings(
                retention.keep(),
                retention.window(),
                retention.daily(),
                retention.weekly(),
                retention.monthly(),
                retention.rollback(),
                Integer.MAX_VALUE,
                policy.zone());
        var plan = RetentionPolicy.plan(backups, settings, circumstances);
        return of(plan, backups, entries, retention, circumstances.now());
    }

    private static Expiry of(
            RetentionPlan plan,
            List<Backup> backups,
            Map<String, Entry> entries,
            BackupPolicy.Retention retention,
            Instant now) {
        var mark = new ArrayList<String>();
        var goesAt = new HashMap<String, Instant>();
        var delete = new ArrayList<String>();
        for (String label : plan.deletions()) {
            var marked = marked(entries, label);
            if (marked.isEmpty()) {
                mark.add(label);
            }
            var at = marked.orElse(now).plus(retention.delay());
            goesAt.put(label, at);
            boolean due = marked.isPresent() && !at.isAfter(now);
            if (due && delete.size() < retention.deletionsPerRun() && !isNeeded(label, backups, delete)) {
                delete.add(label);
            }
        }
        var lines = plan.verdicts().stream()
                .map(v -> new Line(
                        v.backup().label(),
                        v.stays(),
                        v.reasons(),
                        Optional.ofNullable(goesAt.get(v.backup().label()))))
                .toList();
        // A run that may do nothing takes no mark back either: it knows too little.
        var unmark = plan.frozen().isPresent()
                ? List.<String>of()
                : lines.stream()
                        .filter(Line::stays)
                        .map(Line::label)
                        .filter(label -> marked(entries, label).isPresent())
                        .toList();
        return new Expiry(plan.frozen(), lines, mark, unmark, delete, RetentionPolicy.walNeededFrom(backups, delete));
    }

    private static Optional<Instant> marked(Map<String, Entry> entries, String label) {
        return Optional.ofNullable(entries.get(label)).flatMap(Entry::marked);
    }

    private static boolean isNeeded(String label, List<Backup> backups, List<String> gone) {
        var left = new HashSet<String>();
        backups.stream().map(Backup::label).filter(l -> !gone.contains(l)).forEach(left::add);
        return backups.stream()
                .filter(b -> left.contains(b.label()))
                .anyMatch(b -> b.parent().filter(label::equals).isPresent());
    }
}
