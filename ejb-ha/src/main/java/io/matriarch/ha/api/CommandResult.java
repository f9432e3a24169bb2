package io.matriarch.ha.api;

/**
 * How a command ended, for the one who gave it.
 *
 * @param ending the kind of ending
 * @param message one sentence, or the document that was asked for
 */
public record CommandResult(Ending ending, String message) {

    /** Kinds of endings; {@code web} gives each its HTTP status. */
    public enum Ending {
        /** It is done. */
        DONE,
        /** It was taken and will be done. */
        ACCEPTED,
        /** The request makes no sense as it stands. */
        INVALID,
        /** There is nothing of that kind. */
        NOTHING_THERE,
        /** Somebody else changed the same thing at the same time, or it is there already. */
        CONFLICT,
        /** The cluster is not in the state that the request needs. */
        PRECONDITION,
        /** A time that lies in the past or cannot be read. */
        UNPROCESSABLE,
        /** This member refuses because of what it is. */
        REFUSED,
        /** What was asked for is not there because the cluster does not have it. */
        NOT_PROVIDED,
        /** It cannot be done now, or it is not known how it ended. */
        UNAVAILABLE
    }

    public static CommandResult done(String message) {
        return new CommandResult(Ending.DONE, message);
    }

    public static CommandResult accepted(String message) {
        return new CommandResult(Ending.ACCEPTED, message);
    }

    static CommandResult invalid(String message) {
        return new CommandResult(Ending.INVALID, message);
    }

    static CommandResult unavailable(String message) {
        return new CommandResult(Ending.UNAVAILABLE, message);
    }

    static CommandResult precondition(String message) {
        return new CommandResult(Ending.PRECONDITION, message);
    }

    static CommandResult of(Ending ending, String message) {
        return new CommandResult(ending, message);
    }

    public boolean isDone() {
        return ending == Ending.DONE;
    }
}
