package io.matriarch.ha.adapter.peer;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.port.MonotonicClock;
import io.matriarch.ha.port.PeerProbe;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** {@link PeerProbe} over HTTP/1.1, a short-lived daemon thread for each member that is asked. */
public final class HttpPeerProbe implements PeerProbe {
    private static final int OK = 200;
    private static final String ACCEPTED = "Accepted";

    private volatile PeerSettings settings;
    private final MonotonicClock clock;

    public HttpPeerProbe(PeerSettings settings, MonotonicClock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /** Takes other credentials and certificates, for calls from now on. */
    public void use(PeerSettings other) {
        settings = other;
    }

    @Override
    public Map<MemberName, PeerView> ask(Map<MemberName, String> apiUrls, Duration bound) {
        Map<MemberName, HttpAnswer> answers = new ParallelCalls(settings, bound).run(apiUrls, Optional.empty());
        Map<MemberName, PeerView> views = new TreeMap<>();
        for (MemberName name : apiUrls.keySet()) {
            HttpAnswer answer = answers.get(name);
            views.put(name, answer == null ? PeerView.silent(name) : StatusDocument.parse(name, answer.body()));
        }
        return views;
    }

    @Override
    public FailsafeView confirmFailsafe(Announcement self, Map<MemberName, String> apiUrls, Duration bound) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", self.name().value());
        body.put("conn_url", self.connUrl());
        body.put("api_url", self.apiUrl());
        self.leaderSince().ifPresent(since -> body.put("leader_since", since.value()));
        Map<MemberName, String> urls = new TreeMap<>();
        apiUrls.forEach((name, url) -> urls.put(name, failsafeUrl(url)));
        MonotonicTime askedAt = clock.now();
        Map<MemberName, HttpAnswer> answers =
                new ParallelCalls(settings, bound).run(urls, Optional.of(Json.spaced(body)));
        Set<MemberName> confirmed = new HashSet<>();
        Set<MemberName> refused = new HashSet<>();
        answers.forEach((name, answer) -> {
            boolean accepts = answer.status() == OK && answer.body().strip().equals(ACCEPTED);
            (accepts ? confirmed : refused).add(name);
        });
        return new FailsafeView(Optional.of(askedAt), confirmed, refused, Optional.empty(), Optional.empty());
    }

    @Override
    public Optional<String> instance(MemberName name, Scope scope, String apiUrl, Duration bound) {
        var answers = new ParallelCalls(settings, bound).run(Map.of(name, apiUrl), Optional.empty());
        return Optional.ofNullable(answers.get(name))
                .flatMap(answer -> StatusDocument.instance(answer.body(), name, scope));
    }

    /** The same host, whatever path the api_url has. A text that is no URL stays and fails like a silent member. */
    static String failsafeUrl(String apiUrl) {
        try {
            return URI.create(apiUrl).resolve("/failsafe").toString();
        } catch (IllegalArgumentException e) {
            return apiUrl;
        }
    }

    /** Holds nothing between calls. */
    @Override
    public void close() {}
}
