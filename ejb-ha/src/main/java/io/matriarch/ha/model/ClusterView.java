package io.matriarch.ha.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The whole cluster at one etcd revision.
 *
 * @param readAt when the read was <em>sent</em>: what it shows was true then or later
 * @param config the dynamic configuration, read with defaults and limits
 * @param configText the {@code config} key as it stands; empty when it is missing or no JSON object
 * @param history oldest first; empty list when there is none
 * @param historyPresent tells an absent key (unknown) from an empty one (timeline 1)
 * @param failsafe name to api_url: who must confirm a leader that lost the DCS
 * @param timelineClaim empty while no timeline was claimed
 * @param unfenced empty while a fence guards whoever may be a primary
 */
public record ClusterView(
        Revision revision,
        MonotonicTime readAt,
        Optional<InitializeKey> initialize,
        Optional<LeaderKey> leader,
        Map<MemberName, MemberView> members,
        ClusterConfig config,
        Optional<String> configText,
        ClusterStatus status,
        Optional<SyncState> sync,
        Optional<FailoverRequest> failover,
        List<HistoryEntry> history,
        boolean historyPresent,
        Map<MemberName, String> failsafe,
        Optional<TimelineClaim> timelineClaim,
        Optional<UnfencedPrimary> unfenced) {

    public ClusterView {
        members = java.util.Collections.unmodifiableMap(new TreeMap<>(members));
        failsafe = java.util.Collections.unmodifiableMap(new TreeMap<>(failsafe));
        history = List.copyOf(history);
    }

    public boolean configPresent() {
        return configText.isPresent();
    }

    public boolean isLeader(MemberName name) {
        return leader.filter(l -> l.holder().equals(name)).isPresent();
    }

    public Optional<MemberName> leaderName() {
        return leader.map(LeaderKey::holder);
    }

    public Optional<MemberView> member(MemberName name) {
        return Optional.ofNullable(members.get(name));
    }

    public Optional<MemberView> leaderMember() {
        return leaderName().flatMap(this::member);
    }

    /** The timeline that the cluster is on by its history; empty when the history is unknown. */
    public Optional<Timeline> timeline() {
        if (!history.isEmpty()) {
            return Optional.of(history.get(history.size() - 1).timeline().next());
        }
        return historyPresent ? Optional.of(new Timeline(1)) : Optional.empty();
    }

    /** Whether a member runs an agent that is not Matriarch; then Patroni's limits hold. */
    public boolean hasForeignMembers() {
        return members.values().stream().anyMatch(m -> !m.report().isMatriarch());
    }
}
