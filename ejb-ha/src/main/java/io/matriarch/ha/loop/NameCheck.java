package io.matriarch.ha.loop;

import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.port.PeerProbe;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Two agents of one name would overwrite each other's member key and fight over one slot. So before anything is decided on a view of the
 * cluster, the member key in it must be ours, or that of somebody who lives no more.
 */
final class NameCheck {
    private static final Duration BOUND = Duration.ofSeconds(3);

    private final Identity identity;
    private final PeerProbe peers;
    private final Set<LeaseId> ours = new HashSet<>();
    private Optional<LeaseId> newest = Optional.empty();

    /** @param inherited the lease of the agent that ran here before: its member key is ours */
    NameCheck(Identity identity, PeerProbe peers, Optional<LeaseId> inherited) {
        this.identity = identity;
        this.peers = peers;
        inherited.ifPresent(ours::add);
    }

    /** Our member key is about to be written under that lease. */
    void publishing(LeaseId lease) {
        ours.add(lease);
        newest = Optional.of(lease);
    }

    /** What to tell the operator, if the name is taken. Blocks for a few seconds at most, and only when the key is not ours. */
    Optional<String> taken(DcsView dcs) {
        if (!(dcs instanceof DcsView.Reachable reachable)) {
            return Optional.empty();
        }
        var cluster = reachable.cluster();
        var member = cluster.member(identity.self());
        return member.isEmpty()
                        || isOurs(member.get().lease())
                        || staysInSpiteOf(cluster, member.get().lease())
                ? Optional.empty()
                : takenBy(member.get());
    }

    private boolean isOurs(Optional<LeaseId> lease) {
        return lease.filter(ours::contains).isPresent();
    }

    /** Of two that started together both have published, and one must stay: who leads, else who has the smaller lease. */
    private boolean staysInSpiteOf(ClusterView cluster, Optional<LeaseId> theirs) {
        if (newest.isEmpty() || theirs.isEmpty()) {
            return newest.isPresent();
        }
        var leading = cluster.leader()
                .filter(key -> key.holder().equals(identity.self()))
                .flatMap(LeaderKey::lease);
        return isOurs(leading)
                || (!leading.equals(theirs)
                        && newest.get().value() < theirs.get().value());
    }

    /** At our own address it may be ourselves who answer, or a server that does not say who it is. */
    private Optional<String> takenBy(MemberView member) {
        var url = member.report().apiUrl();
        var who =
                peers.instance(identity.self(), identity.scope(), url, BOUND).filter(i -> !i.equals(Identity.INSTANCE));
        boolean atOurAddress = url.equals(identity.apiUrl());
        return who.filter(instance -> !atOurAddress || !instance.isEmpty())
                .map(instance -> "another agent named " + identity.self() + " of cluster " + identity.scope()
                        + " answers at " + url + "; give this one another name, or stop that one");
    }
}
