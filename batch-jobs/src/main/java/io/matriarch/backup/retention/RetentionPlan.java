package io.matriarch.backup.retention;

import java.util.List;
import java.util.Optional;

/**
 * What a run would do, and of each backup why.
 *
 * @param frozen why nothing is deleted at all, if so
 * @param verdicts in the order of the backups' stop
 * @param deletions labels, in the order in which they go: what builds on another goes first
 */
public record RetentionPlan(Optional<String> frozen, List<Verdict> verdicts, List<String> deletions) {

    public RetentionPlan {
        verdicts = List.copyOf(verdicts);
        deletions = List.copyOf(deletions);
    }

    /**
     * Why one backup stays or goes.
     *
     * @param reasons sentences for people; never empty
     */
    public record Verdict(Backup backup, boolean stays, List<String> reasons) {
        public Verdict {
            reasons = List.copyOf(reasons);
        }
    }
}
