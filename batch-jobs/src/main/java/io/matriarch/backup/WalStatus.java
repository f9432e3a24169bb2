package io.matriarch.backup;

import java.time.Instant;
import java.util.Optional;

/**
 * How far the WAL stream is.
 *
 * @param state what it does now
 * @param why one sentence, where that says too little: what is wrong, whom it waits for
 * @param member from which it receives
 * @param system identifier of the cluster
 * @param timeline that it receives
 * @param received behind the last byte that came
 * @param durable behind the last byte that is in the repository, and all before it
 * @param durableAt when that came to be, by this manager's clock
 * @param completeAt everything that was committed until then is in the repository: what a loss of the whole cluster now would cost is what was
 *     committed since
 * @param serverEnd the end of WAL on the server, by its last word
 * @param segment the last one that was stored
 * @param gap WAL that is lacking in the repository and could not be had anywhere: roll-forward ends there
 * @param since when the state began
 */
public record WalStatus(
        State state,
        String why,
        Optional<String> member,
        Optional<String> system,
        Optional<Integer> timeline,
        Optional<String> received,
        Optional<String> durable,
        Optional<Instant> durableAt,
        Optional<Instant> completeAt,
        Optional<String> serverEnd,
        Optional<String> segment,
        Optional<String> gap,
        Instant since) {

    /** What it does. */
    public enum State {
        /** Switched off, or another manager does it. */
        OFF,
        /** Not connected; it tries. */
        WAITING,
        /** It receives. */
        STREAMING,
        /** It receives no more until the repository takes what it has. */
        REPOSITORY_FAILS
    }

    /** Of a stream that ended and should not have. */
    public static WalStatus broken(String why, Instant now) {
        return without(State.WAITING, why, now);
    }

    /** Of a manager that does not receive. */
    public static WalStatus off(String why, Instant now) {
        return without(State.OFF, why, now);
    }

    private static WalStatus without(State state, String why, Instant now) {
        return new WalStatus(
                state,
                why,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                now);
    }
}
