package io.matriarch.web.api;

import io.matriarch.ha.api.HaCommands;
import io.matriarch.web.patroni.Refusal;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.Response;

/** Asks of each {@link Command} what is asked of Patroni's: where it comes from, with which certificate, and by whom. */
@Command
public class CommandFilter implements ContainerRequestFilter {
    @Override
    public void filter(ContainerRequestContext context) {
        var access = CDI.current().select(HaCommands.class).get().access();
        Refusal.of(access.judge(Refusal.caller(), false)).ifPresent(refusal -> context.abortWith(answer(refusal)));
    }

    private static Response answer(Refusal refusal) {
        var answer = Response.status(refusal.status()).type("text/plain").entity(refusal.why());
        return refusal.isChallenge()
                ? answer.header("WWW-Authenticate", "Basic realm=\"Matriarch\"").build()
                : answer.build();
    }
}
