package io.matriarch.backup.base;

import io.matriarch.backup.pace.Throttle;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How pg_basebackup reaches the server that it copies: straight, or through what can slow it. Its name is the same, for certificates. */
record Route(Source source, Optional<Throttle.Way> way) implements AutoCloseable {

    static Route to(Source source, Optional<Throttle> throttle) throws IOException {
        return throttle.isEmpty()
                ? new Route(source, Optional.empty())
                : new Route(source, Optional.of(throttle.get().open(source.host(), source.port())));
    }

    List<String> options(Login login) {
        var reached = way.map(w -> new Source(source.member(), source.host(), w.port(), source.database()))
                .orElse(source);
        return reached.options(login);
    }

    Map<String, String> environment() {
        return way.isPresent() ? Map.of("PGHOSTADDR", "127.0.0.1") : Map.of();
    }

    @Override
    public void close() throws IOException {
        if (way.isPresent()) {
            way.get().close();
        }
    }
}
