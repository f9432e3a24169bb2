package io.matriarch.ha.port;

import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.Scope;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Asks other members over HTTP, all at once. */
public interface PeerProbe extends AutoCloseable {

    /**
     * {@code GET}s every URL in parallel and returns when all have answered or {@code bound} has passed; whoever is silent is in the
     * answer as such.
     *
     * @param apiUrls member to api_url
     */
    Map<MemberName, PeerView> ask(Map<MemberName, String> apiUrls, Duration bound);

    /**
     * {@code POST /failsafe} to every URL in parallel. {@code askedAt} of the answer is the time before the first request was sent.
     *
     * @param self goes into the body
     */
    FailsafeView confirmFailsafe(Announcement self, Map<MemberName, String> apiUrls, Duration bound);

    /**
     * Which process answers at {@code apiUrl}: its own word for itself, "" when it does not say (Patroni), empty when no member of that
     * name and scope answered within {@code bound}.
     */
    Optional<String> instance(MemberName name, Scope scope, String apiUrl, Duration bound);

    @Override
    void close();

    /**
     * Who announces itself as leader without a DCS.
     *
     * @param leaderSince when it took the leader key, by the last view that it had of it: whoever knows of a later one refuses
     */
    record Announcement(MemberName name, String connUrl, String apiUrl, Optional<Revision> leaderSince) {}
}
