package io.matriarch.backup.catalogue;

import io.matriarch.backup.repository.DamagedException;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.retention.Backup;
import io.matriarch.ha.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All base backups of a repository and how far each is trusted, read from the repository itself. A change of trust is an object of its own
 * beside the backup, numbered and never changed: so two managers cannot overwrite each other's word, and what was thought when stays
 * readable.
 */
public final class Catalogue {
    /** Where all base backups stand in a repository, each in a folder of its own. */
    public static final String FOLDER = "base/";

    private static final String STATE = "state-";
    /** An object of this name says that the rest of its folder is being deleted. */
    private static final String DELETING = "deleting";

    private final Repository repository;

    public Catalogue(Repository repository) {
        this.repository = repository;
    }

    /**
     * One backup.
     *
     * @param state how far it is trusted now; one that lacks a file, or builds on a suspect one, is suspect
     * @param since when that was found
     * @param why what was found, one sentence
     * @param held why a human keeps it, if one does
     * @param proof what its last restore in a sandbox proved
     * @param marked since when it is marked for deletion, if it is
     */
    public record Entry(
            BackupDescription description,
            Backup.State state,
            Instant since,
            String why,
            Optional<String> held,
            Optional<Proof> proof,
            Optional<Instant> marked) {

        /** The same, not to be relied on. */
        Entry suspect(Instant at, String reason) {
            return new Entry(description, Backup.State.SUSPECT, at, reason, held, proof, marked);
        }

        /** What a restore of it took when it was verified. */
        public Optional<Long> restoreSeconds() {
            return proof.map(Proof::restoreSeconds);
        }

        /** As retention sees it. */
        public Backup forRetention(boolean inUse) {
            return new Backup(
                    description.label(),
                    description.system().value(),
                    description.parent(),
                    description.timeline(),
                    description.start(),
                    description.stop(),
                    description.stoppedAt(),
                    state,
                    held,
                    inUse);
        }
    }

    /**
     * What a repository holds.
     *
     * @param entries by time
     * @param unreadable folders that are no backup, with what is wrong: nothing may be deleted while there are any
     * @param deleting labels of backups whose deletion was begun: no backups any more, and to be deleted to the end
     */
    public record Listing(List<Entry> entries, Map<String, String> unreadable, List<String> deleting) {
        public Listing {
            entries = List.copyOf(entries);
            deleting = List.copyOf(deleting);
            unreadable = Map.copyOf(unreadable);
        }

        /** The backup of that label. */
        public Optional<Entry> find(String label) {
            return entries.stream()
                    .filter(e -> e.description().label().equals(label))
                    .findFirst();
        }

        /** A backup of this listing with all that it builds on. */
        public Chains.Chain chain(Entry entry) {
            return new Chains(entries).of(entry);
        }
    }

    /** Reads all of it, and judges each by what it builds on; blocks as long as the repository does. */
    public Listing list() throws IOException {
        var folders = new TreeMap<String, List<String>>();
        for (var object : repository.list(FOLDER)) {
            var rest = object.name().substring(FOLDER.length());
            int slash = rest.indexOf('/');
            if (slash > 0) {
                folders.computeIfAbsent(rest.substring(0, slash), label -> new ArrayList<>())
                        .add(rest.substring(slash + 1));
            }
        }
        var entries = new ArrayList<Entry>();
        var unreadable = new LinkedHashMap<String, String>();
        var deleting = new ArrayList<String>();
        for (var folder : folders.entrySet()) {
            if (folder.getValue().contains(DELETING)) {
                deleting.add(folder.getKey());
                continue;
            }
            try {
                var entry = entry(folder.getKey(), folder.getValue());
                // What retention cannot take is no backup either.
                entry.forRetention(false);
                entries.add(entry);
            } catch (IllegalArgumentException | DateTimeException | DamagedException e) {
                unreadable.put(folder.getKey(), String.valueOf(e.getMessage()));
            }
        }
        entries.sort(Comparator.comparing((Entry e) -> e.description().stoppedAt()));
        return new Listing(Chains.judged(entries), unreadable, deleting);
    }

    private Entry entry(String label, List<String> names) throws IOException {
        var description = BackupDescription.parse(text(label + "/" + BackupDescription.FILE));
        if (!description.label().equals(label)) {
            throw new IllegalArgumentException("it says that it is " + description.label());
        }
        var entry = new Entry(
                description,
                Backup.State.COPIED,
                description.stoppedAt(),
                "the copy ended with success",
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        for (String name :
                names.stream().filter(n -> n.startsWith(STATE)).sorted().toList()) {
            entry = changed(entry, text(label + "/" + name));
        }
        var missing = description.files().stream()
                .map(BackupDescription.StoredFile::name)
                .filter(name -> !names.contains(name))
                .findFirst();
        return missing.isPresent() ? entry.suspect(entry.since(), missing.get() + " is missing") : entry;
    }

    private static Entry changed(Entry before, String json) {
        var in = Json.tryParseObject(json)
                .orElseThrow(() -> new IllegalArgumentException("a change of its state is no JSON object"));
        var held = in.has("held") ? in.string("held").filter(why -> !why.isBlank()) : before.held();
        var state = in.string("state").map(Backup.State::valueOf);
        return new Entry(
                before.description(),
                state.orElse(before.state()),
                state.isPresent() ? in.string("at").map(Instant::parse).orElse(before.since()) : before.since(),
                state.isPresent() ? in.string("why").orElse("") : before.why(),
                held,
                Proof.of(in).or(before::proof),
                in.has("marked")
                        ? in.string("marked").filter(at -> !at.isBlank()).map(Instant::parse)
                        : before.marked());
    }

    private String text(String name) throws IOException {
        var stored = repository.open(FOLDER + name);
        if (stored.isEmpty()) {
            throw new IllegalArgumentException(name + " is missing");
        }
        try (InputStream in = stored.get()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Writes that {@code label} is in another state now. */
    public void trust(String label, Backup.State state, Instant at, String why, Optional<Proof> proof)
            throws IOException {
        Map<String, Object> change = new LinkedHashMap<>();
        change.put("state", state.name());
        change.put("at", at.toString());
        change.put("why", why);
        proof.ifPresent(p -> change.putAll(p.document()));
        append(label, change);
    }

    /** Writes that a human keeps {@code label}, or no longer does. */
    public void hold(String label, Optional<String> why, Instant at) throws IOException {
        Map<String, Object> change = new LinkedHashMap<>();
        change.put("held", why.orElse(""));
        change.put("at", at.toString());
        append(label, change);
    }

    /** Writes that {@code label} will be deleted unless something changes, or no longer. */
    public void mark(String label, Optional<Instant> since) throws IOException {
        append(label, Map.of("marked", since.map(Instant::toString).orElse("")));
    }

    private void append(String label, Map<String, Object> change) throws IOException {
        Numbered.append(repository, FOLDER + label + "/" + STATE, Json.spaced(change));
    }

    /** Deletes a backup. From the first moment on it is none any more, and a deletion that broke off is ended by the next. */
    public void delete(String label) throws IOException {
        var mark = FOLDER + label + "/" + DELETING;
        try {
            repository.create(mark, out -> {});
        } catch (FileAlreadyExistsException e) {
            // Begun by somebody who did not live to end it.
        }
        for (var object : repository.list(FOLDER + label + "/")) {
            if (!object.name().equals(mark)) {
                repository.delete(object.name());
            }
        }
        repository.delete(mark);
    }
}
