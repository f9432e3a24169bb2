package io.matriarch.backup.repository;

import java.io.IOException;
import java.util.Locale;

/** An object store that did not do what it was asked for: says what, where, and what a person can do. */
public final class StoreException extends IOException {
    private static final long serialVersionUID = 1;

    /** What there is to do about it. */
    public enum Kind {
        TAKEN("there is an object of that name"),
        CHANGED("the object is another one than before"),
        CONFLICT("another writer has to do with that name in this moment; try again"),
        NO_CONTAINER("there is no such bucket or container: create it, or correct matriarch.backup.repository"),
        LOGIN("the store does not accept who we are: check access_key, secret_key_file, account_key_file below"
                + " matriarch.backup.store, the region, and this machine's clock"),
        CLOCK("this machine's clock differs too much from the store's: set it right"),
        DENIED("we may not do that here: let the key read, write, list and delete below the prefix"),
        LOCKED("the store keeps that object unchanged for a time, or is read-only"),
        FULL("the store is full, or its quota is used up: make room, or keep fewer backups"),
        TOO_LARGE("the store takes no object of that size"),
        UNSUPPORTED(
                "the store does not know that request: it needs conditional writes (If-None-Match) and multipart uploads"),
        BUSY("the store answers that it cannot just now"),
        UNREACHABLE(
                "the store cannot be reached, or does not answer: check matriarch.backup.store.endpoint, cacert and the network"),
        OTHER("the store refused");

        private final String advice;

        Kind(String advice) {
            this.advice = advice;
        }
    }

    private final Kind kind;

    private StoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What there is to do about it. */
    public Kind kind() {
        return kind;
    }

    /**
     * A store's answer as an exception.
     *
     * @param doing what was tried with which object, for example {@code writing base/x}
     * @param where the store's {@link ObjectStore#where()}
     * @param status of HTTP
     * @param code the store's own word for the error; may be empty
     */
    public static StoreException answered(String doing, String where, int status, String code, Throwable cause) {
        Kind kind = kind(status, code);
        return new StoreException(
                kind,
                doing + " in " + where + ": " + kind.advice + " (" + status + (code.isEmpty() ? "" : " " + code) + ")",
                cause);
    }

    /** No answer, or none that could be read. */
    public static StoreException unreachable(String doing, String where, Throwable cause) {
        return new StoreException(
                Kind.UNREACHABLE,
                doing + " in " + where + ": " + Kind.UNREACHABLE.advice + " (" + rootOf(cause) + ")",
                cause);
    }

    private static String rootOf(Throwable thrown) {
        Throwable root = thrown;
        for (int depth = 0; depth < 20; depth++) {
            Throwable cause = root.getCause();
            if (cause == null || cause == root) {
                break;
            }
            root = cause;
        }
        String message = root.getMessage();
        return root.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    /** The stores' words come first: one status has several meanings. */
    static Kind kind(int status, String code) {
        return switch (code.toLowerCase(Locale.ROOT)) {
            case "blobalreadyexists", "preconditionfailed" -> Kind.TAKEN;
            case "conditionnotmet", "targetconditionnotmet" -> Kind.CHANGED;
            case "conditionalrequestconflict", "operationaborted", "invalidblocklist" -> Kind.CONFLICT;
            case "nosuchbucket", "containernotfound", "containerbeingdeleted", "resourcenotfound" -> Kind.NO_CONTAINER;
            case "requesttimetooskewed" -> Kind.CLOCK;
            case "invalidaccesskeyid",
                    "signaturedoesnotmatch",
                    "authenticationfailed",
                    "invalidauthenticationinfo",
                    "authorizationheadermalformed",
                    "expiredtoken",
                    "invalidtoken",
                    "unauthorizedaccess",
                    "accountisdisabled" -> Kind.LOGIN;
            case "blobimmutableduetopolicy", "blobwriteprotected", "objectlocked", "methodnotallowed" -> Kind.LOCKED;
            case "entitytoolarge", "requestbodytoolarge", "blobtoolarge" -> Kind.TOO_LARGE;
            case "insufficientstorage",
                    "quotaexceeded",
                    "xminiostoragefull",
                    "accountquotaexceeded",
                    "storagequotaexceeded" -> Kind.FULL;
            default -> byStatus(status);
        };
    }

    private static Kind byStatus(int status) {
        return switch (status) {
            case 401 -> Kind.LOGIN;
            case 403 -> Kind.DENIED;
            case 405, 423 -> Kind.LOCKED;
            case 409 -> Kind.CONFLICT;
            case 412 -> Kind.TAKEN;
            case 413 -> Kind.TOO_LARGE;
            case 501 -> Kind.UNSUPPORTED;
            case 507 -> Kind.FULL;
            case 429, 500, 502, 503, 504 -> Kind.BUSY;
            default -> Kind.OTHER;
        };
    }
}
