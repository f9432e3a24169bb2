package io.matriarch.ha.model;

/** How an action ended. A lost race is an expected ending, not an exception. */
public sealed interface Outcome {
    /** It is done, or a slow job was started. */
    record Done() implements Outcome {}

    /** The world moved on (a compare failed, somebody else was faster): look again. */
    record Superseded(String why) implements Outcome {}

    /** It did not work. */
    record Failed(String why) implements Outcome {}

    Outcome DONE = new Done();

    default boolean isDone() {
        return this instanceof Done;
    }
}
