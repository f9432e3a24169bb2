package io.matriarch.web.api;

import io.matriarch.ha.api.Access.Caller;
import io.matriarch.ha.api.HaCommands;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks of each {@link Command} what is asked of Patroni's: where it comes from, with which certificate, and by whom. */
@Command
public class CommandFilter implements ContainerRequestFilter {
    private static final String CERTIFICATE = "jakarta.servlet.request.X509Certificate";

    private @Nullable HttpServletRequest request;

    /** RESTEasy gives a proxy that answers for the request of the calling thread. */
    @Context
    public void setRequest(HttpServletRequest current) {
        request = current;
    }

    @Override
    public void filter(ContainerRequestContext context) {
        var now = request;
        if (now == null) {
            throw new IllegalStateException("a filter without a request");
        }
        var caller = new Caller(
                now.getRemoteAddr(),
                now.getAttribute(CERTIFICATE) != null,
                Optional.ofNullable(context.getHeaderString("Authorization")));
        var verdict = CDI.current().select(HaCommands.class).get().access().judge(caller, false);
        switch (verdict) {
            case GRANTED -> {}
            case ADDRESS_DENIED -> refuse(context, 403, "Access is denied");
            case NO_CERTIFICATE -> refuse(context, 403, "client certificate required");
            case NO_CREDENTIALS -> refuse(context, 401, "no auth header received");
            case WRONG_CREDENTIALS -> refuse(context, 401, "not authenticated");
        }
    }

    private static void refuse(ContainerRequestContext context, int status, String why) {
        var answer = Response.status(status).type("text/plain").entity(why);
        if (status == 401) {
            answer.header("WWW-Authenticate", "Basic realm=\"Matriarch\"");
        }
        context.abortWith(answer.build());
    }
}
