package io.matriarch.backup.restore;

import io.matriarch.backup.manager.Tenures;
import io.matriarch.backup.node.NodeClient;
import io.matriarch.backup.node.NodeWork.Telling;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.BackupFacts.Member;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the machine that a restore is wanted on. */
@ApplicationScoped
public class RestorePlaces {
    private final BackupFacts cluster;
    private final Tenures tenures;

    /** For the container's proxy. */
    protected RestorePlaces() {
        this(BackupFacts.none(), new Tenures());
    }

    @Inject
    public RestorePlaces(BackupFacts cluster, Tenures tenures) {
        this.cluster = cluster;
        this.tenures = tenures;
    }

    /**
     * The machine of that member, or this one.
     *
     * @param patience how long a member may stay silent
     * @throws RefusedException if there is no such member
     * @throws IOException if this machine is no manager, not the elected one, or etcd does not answer
     */
    RestorePlace of(Optional<String> member, Duration patience, Halt halt, Telling telling) throws IOException {
        if (member.isEmpty()) {
            var settings = cluster.settings().orElseThrow(() -> new IOException("this machine is no manager"));
            return new RestoreHere(Sites.of(settings, cluster.ownData(), halt, new Watched(halt, telling)), telling);
        }
        var found = member(member.get());
        var self = cluster.self().orElseThrow(() -> new IOException("this machine is no manager"));
        var client = new NodeClient(found.name(), url(found), cluster.calls(), tenures.require(), self.url(), patience);
        return new RestoreThere(client, halt, telling);
    }

    private Member member(String name) throws IOException {
        var all = cluster.members();
        var found = all.stream().filter(m -> m.name().equals(name)).findFirst();
        return found.orElseThrow(() -> new RefusedException(new Refusal(
                Refusal.Rule.MEMBER_UNREACHABLE,
                "the cluster has no member " + name + " whose agent runs",
                List.of("one of " + all.stream().map(Member::name).sorted().collect(Collectors.joining(", "))))));
    }

    private static URI url(Member member) throws IOException {
        try {
            return URI.create(member.apiUrl());
        } catch (IllegalArgumentException e) {
            throw new IOException("the address of " + member.name() + " is none: " + member.apiUrl(), e);
        }
    }
}
