package io.matriarch.ha.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The {@code role} of a member key: Patroni's words. */
public enum MemberRole {
    PRIMARY,
    STANDBY_LEADER,
    REPLICA,
    DEMOTED,
    UNINITIALIZED,
    /** Between the promote request and the control file saying "in production". */
    PROMOTED;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Also reads the {@code master} that Patroni 3 wrote. */
    public static Optional<MemberRole> parse(String text) {
        return text.equals("master")
                ? Optional.of(PRIMARY)
                : Arrays.stream(values()).filter(r -> r.wire().equals(text)).findFirst();
    }
}
