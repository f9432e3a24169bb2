package io.matriarch.backup.restore;

import io.matriarch.ha.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A restore that is not begun.
 *
 * @param why one sentence
 * @param reachable what could be asked for instead, a sentence each
 */
record Refusal(Rule rule, String why, List<String> reachable) {
    Refusal {
        reachable = List.copyOf(reachable);
    }

    /** All of it in one line. */
    String sentence() {
        return rule + ": " + why + (reachable.isEmpty() ? "" : ". Reachable: " + String.join("; ", reachable));
    }

    /** For other machines, and for {@link #parse}. */
    Map<String, Object> document() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("code", rule.name());
        out.put("detail", why);
        out.put("reachable", reachable);
        return out;
    }

    /** @throws IllegalArgumentException if it is not what {@link #document} wrote */
    static Refusal parse(JsonObject in) {
        return new Refusal(
                Rule.valueOf(in.string("code").orElse("")),
                in.string("detail").orElse(""),
                in.array("reachable").orElse(List.of()).stream()
                        .map(String::valueOf)
                        .toList());
    }

    /** Why a restore is refused; the names are part of the REST interface. */
    enum Rule {
        /** Nothing in the repository can be restored at all. */
        NO_BACKUP,
        /** No backup has the label that was named. */
        UNKNOWN_LABEL,
        /** The named backup failed a verification: what it would restore to is not the cluster. */
        SUSPECT_BACKUP,
        /** The programs here are of another major version than the data: they would refuse it after the whole copy. */
        OTHER_MAJOR_VERSION,
        /** Without a manifest nobody can tell whether every file is what it was. */
        MISSING_MANIFEST,
        /** Recovery cannot go back: a target before the end of a backup would be passed and ignored. */
        TARGET_BEFORE_BACKUP,
        /** Recovery that does not find its target fails at the very end; without a later commit there is no way to see that it was reached. */
        TARGET_AFTER_LAST_COMMIT,
        /** As before, for a position. */
        TARGET_AFTER_END_OF_WAL,
        /** What lies behind missing WAL cannot be reached from before it. */
        WAL_HOLE,
        /** No history leads to the timeline that was named. */
        UNKNOWN_TIMELINE,
        /** The backup, or all of them, is no ancestor of the timeline: it belongs to a branch that was left. */
        OTHER_BRANCH,
        /** The restore point or transaction is not in the WAL. */
        TARGET_NOT_FOUND,
        /** A full disk at the end of a restore costs all the time until then. */
        NO_ROOM,
        /** There is something in the directory, which nobody said may be set aside. */
        DIRECTORY_TAKEN,
        /** A server runs on the directory. */
        SERVER_RUNS,
        /** The directory holds the beginning of another restore. */
        OTHER_RESTORE,
        /** Somebody listens on the port. */
        PORT_TAKEN,
        /** The member does not answer. */
        MEMBER_UNREACHABLE,
        /** The member takes no command, or not this one. */
        MEMBER_REFUSES
    }
}
