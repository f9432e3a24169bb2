package io.matriarch.backup.base;

import io.matriarch.backup.base.BaseBackup.Increment;
import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.catalogue.Chains;
import io.matriarch.backup.retention.Backup;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * What an incremental backup builds on. Pure.
 *
 * @param parent empty: a full one is to be taken
 * @param why no incremental one can be taken, if that is so; one sentence with what to do. Empty too where it is time for a full one
 */
record ParentChoice(Optional<BackupDescription> parent, Optional<String> why) {
    /** The first PostgreSQL that takes them. */
    private static final int SINCE = 17;

    /** Full, and nothing to say about it. */
    static ParentChoice full() {
        return new ParentChoice(Optional.empty(), Optional.empty());
    }

    private static ParentChoice no(String why) {
        return new ParentChoice(Optional.empty(), Optional.of(why));
    }

    /**
     * The newest backup of the same system that is trusted, if the server knows what changed since.
     */
    static ParentChoice of(Increment wish, ServerFacts facts, Format format, Instant now) {
        if (facts.majorVersion() < SINCE) {
            return no("PostgreSQL " + facts.version()
                    + " takes no incremental backups; version 17 is the first that does");
        }
        if (format == Format.TAR_GZ) {
            return no(
                    "matriarch.backup.format tar.gz is one file for itself, on which nothing can build; choose another format");
        }
        if (!facts.summaries().on()) {
            return no("summarize_wal is off, so nobody knows what changed: set it to on in postgresql.parameters of the"
                    + " dynamic configuration (patronictl edit-config; no restart is needed)");
        }
        var newest = wish.known().stream()
                .filter(e -> isUsable(e, facts))
                .max(Comparator.comparing(e -> e.description().stoppedAt()));
        if (newest.isEmpty()) {
            return no(
                    "there is no backup to build on: one that is CONSISTENT or VERIFIED, of this system and version, with its "
                            + BackupDescription.MANIFEST);
        }
        return on(newest.get().description(), new Chains(wish.known()).of(newest.get()), wish, facts.summaries(), now);
    }

    private static ParentChoice on(
            BackupDescription parent, Chains.Chain chain, Increment wish, Summaries summaries, Instant now) {
        var since = chain.links().getFirst().description().stoppedAt();
        if (!wish.must() && !since.plus(wish.limits().fullEvery()).isAfter(now)) {
            return full();
        }
        int most = wish.limits().longestChain();
        if (chain.links().size() >= most) {
            return no(
                    "the chain of " + parent.label() + " has " + chain.links().size()
                            + " backups, as many as matriarch.backup.incremental.longest_chain allows; it is time for a full one");
        }
        var lacking = summaries.lacking(parent.timeline(), parent.start());
        return lacking.isPresent()
                ? no(lacking.get() + "; what changed since " + parent.label() + " is not known")
                : new ParentChoice(Optional.of(parent), Optional.empty());
    }

    private static boolean isUsable(Entry entry, ServerFacts facts) {
        var backup = entry.description();
        boolean trusted = entry.state() == Backup.State.CONSISTENT || entry.state() == Backup.State.VERIFIED;
        return trusted
                && entry.marked().isEmpty()
                && backup.system().equals(facts.system())
                && backup.postgres().startsWith(facts.majorVersion() + ".")
                && backup.file(BackupDescription.MANIFEST).isPresent();
    }
}
