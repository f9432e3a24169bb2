package io.matriarch.backup.restore;

import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.catalogue.Chains;
import io.matriarch.backup.restore.RecoveryTarget.AtLsn;
import io.matriarch.backup.restore.RecoveryTarget.AtName;
import io.matriarch.backup.restore.RecoveryTarget.AtTime;
import io.matriarch.backup.restore.RecoveryTarget.AtXid;
import io.matriarch.backup.restore.RecoveryTarget.Immediate;
import io.matriarch.backup.restore.RecoveryTarget.Latest;
import io.matriarch.backup.restore.Refusal.Rule;
import io.matriarch.backup.restore.WalView.Reach;
import io.matriarch.backup.retention.Backup;
import io.matriarch.backup.sandbox.Combination;
import io.matriarch.backup.wal.TimelinePath;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Which backup, which timeline and which WAL lead to a target, or why nothing does. Pure. In two steps, since between them somebody has to
 * look into the last of the WAL: {@link #drafts} and {@link #settle}.
 */
final class RestorePlanner {
    private final List<Entry> entries;
    private final Map<SystemIdentifier, WalView> archives;
    private final int majorVersion;

    /**
     * @param entries of the catalogue, by time
     * @param majorVersion of the programs that would run the restored server
     */
    RestorePlanner(List<Entry> entries, Map<SystemIdentifier, WalView> archives, int majorVersion) {
        this.entries = List.copyOf(entries);
        this.archives = Map.copyOf(archives);
        this.majorVersion = majorVersion;
    }

    /** A backup that can be restored, and how far one gets from it. */
    record Draft(BackupDescription backup, Backup.State state, TimelinePath path, Reach reach) {}

    /**
     * Drafts, the best one first, or a refusal.
     *
     * @param drafts more than one only where nobody knows yet which backup lies before the target; empty if refused
     */
    record Drafts(List<Draft> drafts, Optional<Refusal> refusal) {
        Drafts {
            drafts = List.copyOf(drafts);
        }
    }

    /** What the last WAL of a {@link Reach} says: where its last record begins, and when the last transaction in it ended, if one did. */
    record End(Lsn lastRecord, Optional<Instant> lastCommit) {}

    /** One of both. */
    record Outcome(Optional<Plan> plan, Optional<Refusal> refusal) {}

    /** Which backups could lead to the target; the newest first. */
    Drafts drafts(RestoreRequest request) {
        var named = request.label().flatMap(this::find);
        if (request.label().isPresent() && named.isEmpty()) {
            return refuse(
                    Rule.UNKNOWN_LABEL, "there is no backup " + request.label().get(), labels());
        }
        var refusedByItself = named.flatMap(this::unusable);
        if (refusedByItself.isPresent()) {
            return new Drafts(List.of(), refusedByItself);
        }
        var usable = named.map(List::of).orElseGet(this::usable);
        if (usable.isEmpty()) {
            return none();
        }
        // Data of one cluster only, that of the newest backup, unless a label says otherwise.
        var system = usable.getLast().description().system();
        var wal = archives.getOrDefault(system, WalView.empty());
        var ofSystem = usable.stream()
                .filter(e -> e.description().system().equals(system))
                .toList();
        var onTimeline = timeline(request, ofSystem, wal);
        if (onTimeline.isEmpty()) {
            return refuse(
                    Rule.UNKNOWN_TIMELINE,
                    "nothing is known of timeline " + request.timeline().orElseThrow(),
                    List.of("timelines " + known(ofSystem, wal)));
        }
        var path = wal.path(onTimeline.get());
        var onPath = ofSystem.stream()
                .filter(e -> path.contains(
                        e.description().timeline(), e.description().stop()))
                .toList();
        if (onPath.isEmpty()) {
            return refuse(
                    Rule.OTHER_BRANCH,
                    (named.isPresent() ? "the backup " + request.label().get() + " is" : "all backups are")
                            + " of a branch that does not lead to timeline " + onTimeline.get(),
                    reachable());
        }
        var before = onPath.stream().filter(endsBefore(request.target())).toList();
        if (before.isEmpty()) {
            return refuse(
                    Rule.TARGET_BEFORE_BACKUP,
                    request.target().words() + " lies before the end of "
                            + (named.isPresent() ? "the backup " : "the oldest backup, ")
                            + onPath.getFirst().description().label(),
                    reachable());
        }
        return new Drafts(ranked(before, path, wal, request.target()), Optional.empty());
    }

    /** Verified ones before the others, newer ones before older ones. */
    private static List<Draft> ranked(List<Entry> before, TimelinePath path, WalView wal, RecoveryTarget target) {
        var order = Comparator.comparing((Entry e) -> e.state() == Backup.State.VERIFIED)
                .thenComparing(e -> e.description().stoppedAt())
                .reversed();
        var sorted = before.stream().sorted(order).toList();
        // The newest of those that nobody tried may lie behind a hole that the verified ones lie before.
        var chosen = isSoughtInWal(target)
                ? sorted
                : Stream.of(sorted.getFirst(), before.getLast()).distinct().toList();
        return chosen.stream()
                .map(e -> new Draft(
                        e.description(),
                        e.state(),
                        path,
                        wal.reach(path, e.description().stop())))
                .toList();
    }

    /** Whether only the WAL knows where the target is. */
    static boolean isSoughtInWal(RecoveryTarget target) {
        return target instanceof AtName || target instanceof AtXid;
    }

    /**
     * The plan of a draft.
     *
     * @param end of its reach; empty if there is no WAL besides the backup's own, or nothing in it could be read
     * @param found whether a target that is sought in the WAL was found there
     */
    Outcome settle(Draft draft, RestoreRequest request, Optional<End> end, boolean found) {
        var reach = draft.reach();
        return switch (request.target()) {
            case Immediate immediate -> planned(draft, Map.of("recovery_target", "immediate"), false, List.of());
            case Latest latest -> {
                // As a position: promotion then is a step of its own, and a second run reaches the same end.
                var last = end.map(End::lastRecord)
                        .filter(lsn -> lsn.isAtLeast(draft.backup().stop()));
                var warnings = reach.hole()
                        ? List.of("the WAL has a hole at " + reach.missing()
                                + ": what was written behind it cannot be reached")
                        : List.<String>of();
                yield last.isEmpty()
                        ? planned(draft, Map.of("recovery_target", "immediate"), false, warnings)
                        : planned(
                                draft, Map.of("recovery_target_lsn", last.get().toString()), true, warnings);
            }
            case AtTime at -> atTime(draft, request, at, end.flatMap(End::lastCommit));
            case AtLsn at ->
                end.filter(e -> e.lastRecord().isAtLeast(at.lsn())).isPresent()
                        ? planned(draft, Map.of("recovery_target_lsn", at.lsn().toString()), true, List.of())
                        : tooLate(
                                draft,
                                Rule.TARGET_AFTER_END_OF_WAL,
                                request,
                                "the last record begins at "
                                        + end.map(End::lastRecord)
                                                .orElse(draft.backup().stop()));
            case AtName at ->
                found ? planned(draft, Map.of("recovery_target_name", at.name()), true, List.of()) : notFound(request);
            case AtXid at ->
                found
                        ? planned(draft, Map.of("recovery_target_xid", Long.toString(at.xid())), true, List.of())
                        : notFound(request);
        };
    }

    private Outcome atTime(Draft draft, RestoreRequest request, AtTime at, Optional<Instant> last) {
        var settings = Map.of("recovery_target_time", at.setting());
        if (last.filter(at.time()::isBefore).isPresent()) {
            return planned(draft, settings, true, List.of());
        }
        if (last.isEmpty() && draft.reach().segments().size() > 1) {
            return planned(
                    draft,
                    settings,
                    true,
                    List.of(
                            "nobody committed for long before the end of the WAL: whether the target is reached shows only"
                                    + " when it is replayed"));
        }
        return tooLate(draft, Rule.TARGET_AFTER_LAST_COMMIT, request, lastCommit(last, draft));
    }

    private static String lastCommit(Optional<Instant> last, Draft draft) {
        return last.map(at -> "the last commit that is there is of " + at)
                .orElse("no commit is there after " + draft.backup().stoppedAt());
    }

    private Outcome tooLate(Draft draft, Rule end, RestoreRequest request, String fact) {
        var reach = draft.reach();
        var why = request.target().words() + " cannot be reached: " + fact + ", and the segment " + reach.missing()
                + " is missing";
        var refusal = reach.hole()
                ? new Refusal(Rule.WAL_HOLE, why + ", though later ones are there", instead(fact))
                : new Refusal(end, why, instead(fact));
        return new Outcome(Optional.empty(), Optional.of(refusal));
    }

    private List<String> instead(String fact) {
        var all = new ArrayList<>(reachable());
        all.addFirst("the latest moment (" + fact + ")");
        return all;
    }

    private Outcome notFound(RestoreRequest request) {
        return new Outcome(
                Optional.empty(),
                Optional.of(new Refusal(
                        Rule.TARGET_NOT_FOUND,
                        request.target().words() + " is not in the WAL that follows a backup without a hole",
                        reachable())));
    }

    private Outcome planned(Draft draft, Map<String, String> settings, boolean archive, List<String> warnings) {
        var backup = draft.backup();
        var reach = draft.reach();
        var all = new ArrayList<>(warnings);
        if (draft.state() != Backup.State.VERIFIED) {
            all.add(backup.label() + " was never verified by a restore");
        }
        var wal = archive ? reach.segments() : List.<WalView.Needed>of();
        var target = draft.path().target();
        boolean own = !archive || target.equals(backup.timeline());
        return new Outcome(
                Optional.of(new Plan(
                        backup.label(),
                        backup.system().value(),
                        own ? "current" : target.toString(),
                        new LinkedHashMap<>(settings),
                        wal,
                        backup.start(),
                        archive ? reach.end() : backup.stop(),
                        copyBytes(backup),
                        archive ? reach.bytes() : 0,
                        all)),
                Optional.empty());
    }

    /** What is combined lies unpacked beside the result until that is whole. */
    private long copyBytes(BackupDescription backup) {
        long unpacked = find(backup.label())
                .map(entry -> new Chains(entries).of(entry).serverBytes())
                .orElse(backup.serverBytes());
        return backup.parent().isEmpty() ? unpacked : Combination.roomFor(unpacked);
    }

    private Optional<Entry> find(String label) {
        return entries.stream()
                .filter(e -> e.description().label().equals(label))
                .findFirst();
    }

    private List<String> labels() {
        return entries.stream().map(e -> e.description().label()).toList();
    }

    private List<Entry> usable() {
        return entries.stream().filter(e -> unusable(e).isEmpty()).toList();
    }

    private Optional<Refusal> unusable(Entry entry) {
        var backup = entry.description();
        if (entry.state() == Backup.State.SUSPECT) {
            return refusal(Rule.SUSPECT_BACKUP, backup.label() + " is suspect: " + entry.why());
        }
        if (major(backup.postgres()) != majorVersion) {
            return refusal(
                    Rule.OTHER_MAJOR_VERSION,
                    backup.label() + " is of PostgreSQL " + backup.postgres() + ", the programs here are of "
                            + majorVersion);
        }
        if (!hasManifest(backup)) {
            return refusal(Rule.MISSING_MANIFEST, backup.label() + " has no " + BackupDescription.MANIFEST);
        }
        return Optional.empty();
    }

    /** In a backup that is one archive it is a part of that. */
    private static boolean hasManifest(BackupDescription backup) {
        return backup.format().equals("tar.gz")
                || backup.file(BackupDescription.MANIFEST).isPresent();
    }

    private static int major(String version) {
        var digits = version.replaceFirst("[^0-9].*", "");
        return digits.isEmpty() || digits.length() > 4 ? 0 : Integer.parseInt(digits);
    }

    private Drafts none() {
        var newest = entries.isEmpty() ? Optional.<Refusal>empty() : unusable(entries.getLast());
        return new Drafts(
                List.of(),
                Optional.of(newest.orElseGet(
                        () -> new Refusal(Rule.NO_BACKUP, "the repository holds no backup", List.of()))));
    }

    /** The highest number is the newest: numbers are claimed before they are begun, and never twice. */
    private static Optional<Timeline> timeline(RestoreRequest request, List<Entry> usable, WalView wal) {
        var known = known(usable, wal);
        return request.timeline().isPresent()
                ? request.timeline().filter(known::contains)
                : known.stream().max(Comparator.naturalOrder());
    }

    private static List<Timeline> known(List<Entry> usable, WalView wal) {
        var all = new TreeSet<>(wal.timelines());
        usable.forEach(e -> all.add(e.description().timeline()));
        return List.copyOf(all);
    }

    private static Predicate<Entry> endsBefore(RecoveryTarget target) {
        return switch (target) {
            case AtTime at -> e -> e.description().stoppedAt().isBefore(at.time());
            case AtLsn at -> e -> at.lsn().isAtLeast(e.description().stop());
            case Latest latest -> e -> true;
            case Immediate immediate -> e -> true;
            case AtName at -> e -> true;
            case AtXid at -> e -> true;
        };
    }

    private Optional<Refusal> refusal(Rule rule, String why) {
        return Optional.of(new Refusal(rule, why, List.of()));
    }

    private static Drafts refuse(Rule rule, String why, List<String> reachable) {
        return new Drafts(List.of(), Optional.of(new Refusal(rule, why, reachable)));
    }

    private List<String> reachable() {
        return ranges().stream().map(Range::words).toList();
    }

    /** All moments that can be reached, oldest first. */
    List<Range> ranges() {
        return Range.of(usable(), archives);
    }
}
