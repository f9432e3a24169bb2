package io.matriarch.backup.restore;

import java.io.IOException;

/** A restore that must not go on; nothing of the user's was changed. */
final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Refusal refusal;

    RefusedException(Refusal refusal) {
        super(refusal.sentence());
        this.refusal = refusal;
    }

    Refusal refusal() {
        return refusal;
    }
}
