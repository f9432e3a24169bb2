package io.matriarch.backup.catalogue;

import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.retention.Backup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How backups build on each other: an incremental one is worth what the worst of those is worth that it builds on. Pure. */
public final class Chains {
    private final Map<String, Entry> byLabel = new HashMap<>();

    public Chains(List<Entry> entries) {
        entries.forEach(e -> byLabel.put(e.description().label(), e));
    }

    /**
     * A backup with all that it builds on.
     *
     * @param links the full one first, the backup itself last; as far back as they could be followed
     * @param broken why the first of the links is no full backup, if it is none
     */
    public record Chain(List<Entry> links, Optional<String> broken) {
        public Chain {
            links = List.copyOf(links);
        }

        /** The same as descriptions. */
        public List<BackupDescription> descriptions() {
            return links.stream().map(Entry::description).toList();
        }

        /** What all of them take when they are unpacked. */
        public long serverBytes() {
            return links.stream().mapToLong(e -> e.description().serverBytes()).sum();
        }
    }

    /** The chain that ends with {@code last}. */
    public Chain of(Entry last) {
        var links = new ArrayList<Entry>(List.of(last));
        while (links.getFirst().description().parent().isPresent()) {
            var child = links.getFirst().description();
            var label = child.parent().get();
            var parent = Optional.ofNullable(byLabel.get(label));
            if (parent.isEmpty()) {
                return new Chain(
                        links,
                        Optional.of(child.label() + " builds on " + label + ", which the repository does not hold"));
            }
            if (links.contains(parent.get())) {
                return new Chain(links, Optional.of(child.label() + " builds on itself, by " + label));
            }
            if (!parent.get().description().system().equals(child.system())) {
                return new Chain(
                        links, Optional.of(child.label() + " builds on " + label + ", which is of another system"));
            }
            links.addFirst(parent.get());
        }
        return new Chain(links, Optional.empty());
    }

    /** The same entries; one whose chain is broken, or holds one that is suspect, is suspect for that reason. */
    static List<Entry> judged(List<Entry> entries) {
        var chains = new Chains(entries);
        return entries.stream().map(chains::judged).toList();
    }

    private Entry judged(Entry entry) {
        if (entry.state() == Backup.State.SUSPECT) {
            return entry;
        }
        var chain = of(entry);
        if (chain.broken().isPresent()) {
            return entry.suspect(entry.since(), chain.broken().get());
        }
        // As old as the finding: what was looked at last is looked at last again.
        return chain.links().stream()
                .filter(link -> link.state() == Backup.State.SUSPECT)
                .findFirst()
                .map(link -> entry.suspect(
                        link.since().isAfter(entry.since()) ? link.since() : entry.since(),
                        "it builds on " + link.description().label() + ", which is suspect: " + link.why()))
                .orElse(entry);
    }
}
