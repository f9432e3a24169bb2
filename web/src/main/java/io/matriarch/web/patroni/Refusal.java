package io.matriarch.web.patroni;

import io.matriarch.ha.api.Access.Caller;
import io.matriarch.ha.api.Access.Verdict;
import io.undertow.servlet.handlers.ServletRequestContext;
import java.util.Optional;

/**
 * Why a command is not carried out for this caller, in Patroni's words.
 *
 * @param status 401 when other credentials could help, else 403
 */
public record Refusal(int status, String why) {
    static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;

    /** Empty when the call was granted. */
    public static Optional<Refusal> of(Verdict verdict) {
        return switch (verdict) {
            case GRANTED -> Optional.empty();
            case ADDRESS_DENIED -> Optional.of(new Refusal(FORBIDDEN, "Access is denied"));
            case NO_CERTIFICATE -> Optional.of(new Refusal(FORBIDDEN, "client certificate required"));
            case NO_CREDENTIALS -> Optional.of(new Refusal(UNAUTHORIZED, "no auth header received"));
            case WRONG_CREDENTIALS -> Optional.of(new Refusal(UNAUTHORIZED, "not authenticated"));
        };
    }

    /** Who sent the request that this thread serves. */
    public static Caller caller() {
        var context = ServletRequestContext.requireCurrent();
        var request = context.getOriginalRequest();
        return new Caller(
                request.getRemoteAddr(),
                TlsListener.hasCertificate(context.getExchange()),
                Optional.ofNullable(request.getHeader("Authorization")));
    }

    /** Whether to name the realm that wants credentials. */
    public boolean isChallenge() {
        return status == UNAUTHORIZED;
    }
}
