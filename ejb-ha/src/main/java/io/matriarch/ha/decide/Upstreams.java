package io.matriarch.ha.decide;

import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.Upstream;
import java.util.Optional;
import java.util.regex.Pattern;

/** Turns a member's {@code conn_url} into the place that a replica connects to. */
final class Upstreams {
    private static final Pattern URL =
            Pattern.compile("postgres(?:ql)?://(?:[^@/]*@)?(\\[[^\\]]+\\]|[^:/?]+)(?::(\\d{1,5}))?(?:[/?].*)?");
    private static final int DEFAULT_PORT = 5432;

    private Upstreams() {}

    static Optional<Upstream> of(MemberView member) {
        var m = URL.matcher(member.report().connUrl());
        if (!m.matches()) {
            return Optional.empty();
        }
        var host = m.group(1).replaceAll("^\\[|\\]$", "");
        int port = m.group(2) == null ? DEFAULT_PORT : Integer.parseInt(m.group(2));
        return Optional.of(new Upstream(Optional.of(member.name()), host, port, Optional.empty()));
    }

    static Upstream withSlot(Upstream upstream, MemberName self) {
        return new Upstream(upstream.member(), upstream.host(), upstream.port(), Optional.of(self.slotName()));
    }

    /** Whether two replicas would connect to the same place in the same way. */
    static boolean same(Upstream a, Upstream b) {
        return a.host().equals(b.host()) && a.port() == b.port() && a.slotName().equals(b.slotName());
    }
}
