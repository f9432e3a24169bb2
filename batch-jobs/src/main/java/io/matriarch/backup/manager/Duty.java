package io.matriarch.backup.manager;

/**
 * What only the elected manager does, besides jobs. Both methods are called by the election's thread, in turns, and return at once.
 */
public interface Duty {

    /** This manager was elected. */
    void begin(Tenure tenure);

    /** It is no longer, or the server stops: nothing more may be written that another manager could write too. */
    void end();
}
