package io.matriarch.backup.restore;

import java.util.Arrays;
import java.util.Optional;

/** The steps of {@code restore-standalone}, in their order; each looks first whether it was done before. */
enum RestoreStep {
    /** Which backup, which WAL; nothing is touched, then the ledger is begun. */
    PLAN("plan", "planning"),
    /** Directory, room, port. */
    PRECHECK("precheck", "checking the place"),
    /** WAL out of the archive, so that everything is there before the long copy. */
    WAL("wal", "fetching WAL"),
    /** The copy, each file proven. */
    EXTRACT("extract", "unpacking"),
    /** Settings that keep the server apart, and the target. */
    CONFIGURE("configure", "configuring"),
    /** Replay up to the target, where it pauses. */
    RECOVER("recover", "replaying WAL"),
    /** Made writable, unless that is not wanted. */
    PROMOTE("promote", "promoting"),
    /** Every table read; behind the promotion, since transactions that the target cuts off hold their locks until then. */
    VERIFY("verify", "reading every table"),
    /** How to connect, to stop and to remove it. */
    HANDOVER("handover", "handing over");

    private final String word;
    private final String doing;

    RestoreStep(String word, String doing) {
        this.word = word;
        this.doing = doing;
    }

    /** Id of the step of the job. */
    String word() {
        return word;
    }

    /** For people. */
    String doing() {
        return doing;
    }

    static Optional<RestoreStep> of(String word) {
        return Arrays.stream(values()).filter(s -> s.word.equals(word)).findFirst();
    }
}
