package io.matriarch.backup.base;

import io.matriarch.ha.api.BackupFacts.Leader;
import io.matriarch.ha.api.BackupFacts.Member;
import io.matriarch.ha.model.BackupPolicy;
import java.util.Comparator;
import java.util.List;

/** From which member a base backup is copied. Pure. */
final class SourceChoice {
    private SourceChoice() {}

    /**
     * The member to copy from. A replica counts only if it streams, on the leader's timeline, and says how far it is; the one with the most
     * WAL wins, by name among equals. Without any, the leader.
     *
     * @param members all of the cluster, the leader included
     */
    static Member choose(BackupPolicy.Source wanted, Leader leader, List<Member> members) {
        var primary =
                members.stream().filter(m -> m.name().equals(leader.member())).findFirst();
        var fromLeader = primary.orElseGet(() -> leader.asMember());
        return switch (wanted) {
            case LEADER -> fromLeader;
            case REPLICA ->
                members.stream()
                        .filter(m -> !m.name().equals(leader.member()))
                        .filter(Member::streams)
                        .filter(m -> m.position().isPresent())
                        .filter(m -> m.timeline().equals(fromLeader.timeline()))
                        .min(Comparator.comparing((Member m) -> m.position().orElseThrow())
                                .reversed()
                                .thenComparing(Member::name))
                        .orElse(fromLeader);
        };
    }
}
