package io.matriarch.ha.adapter.etcd;

import io.grpc.Status;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What etcd's errors mean to us. The texts are those of etcd's {@code rpctypes}, stable since 3.1. */
final class Statuses {
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\..*");
    private static final int MAJOR = 3;
    private static final int MINOR = 4;

    private Statuses() {}

    /** The lease does not exist: nothing was written. */
    static boolean leaseIsGone(Status status) {
        return status.getCode() == Status.Code.NOT_FOUND && text(status).contains("lease not found");
    }

    /** The token was forgotten (a restart, five idle minutes) or users changed: fetch another one. */
    static boolean tokenIsStale(Status status) {
        return status.getCode() == Status.Code.UNAUTHENTICATED
                || text(status).contains("invalid auth token")
                || text(status).contains("user name is empty")
                || text(status).contains("revision in header is old");
    }

    static boolean authenticationIsOff(Status status) {
        return text(status).contains("authentication is not enabled");
    }

    /** Another endpoint would say the same. */
    static boolean isFinal(Status status) {
        return switch (status.getCode()) {
            case PERMISSION_DENIED, INVALID_ARGUMENT, UNAUTHENTICATED, OUT_OF_RANGE, UNIMPLEMENTED, NOT_FOUND -> true;
            default -> false;
        };
    }

    /** The request may have taken effect though the answer did not arrive. */
    static boolean mayHaveWorked(Status status) {
        return switch (status.getCode()) {
            case DEADLINE_EXCEEDED, UNAVAILABLE, CANCELLED, UNKNOWN, INTERNAL, ABORTED, DATA_LOSS -> true;
            default -> false;
        };
    }

    /** @throws io.grpc.StatusRuntimeException for an etcd that is too old */
    static void requireVersion(String version) {
        Matcher m = VERSION.matcher(version);
        boolean known = m.matches();
        int major = known ? Integer.parseInt(m.group(1)) : MAJOR;
        int minor = known ? Integer.parseInt(m.group(2)) : MINOR;
        if (major < MAJOR || (major == MAJOR && minor < MINOR)) {
            throw Status.FAILED_PRECONDITION
                    .withDescription("etcd " + version + " is too old: Matriarch needs etcd 3.4 or later")
                    .asRuntimeException();
        }
    }

    /** For people: etcd's words or, without any, gRPC's code and what the connection said. */
    static String describe(Status status) {
        String why = Optional.ofNullable(status.getCause())
                .map(cause -> Optional.ofNullable(cause.getMessage()).orElse(cause.toString()))
                .orElse("");
        return switch (status.getCode()) {
            case DEADLINE_EXCEEDED -> "no answer in time";
            default ->
                (text(status).isEmpty() ? status.getCode().name() : text(status))
                        + (why.isEmpty() ? "" : " (" + why + ")");
        };
    }

    private static String text(Status status) {
        return Optional.ofNullable(status.getDescription()).orElse("");
    }
}
