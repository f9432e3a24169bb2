package io.matriarch.ha.model;

import java.util.Arrays;
import java.util.Optional;

/** The {@code state} of a member key and of the status document: Patroni's words and metric numbers (patroni/postgresql/misc.py). */
public enum MemberState {
    INITDB("initializing new cluster"),
    INITDB_FAILED("initdb failed"),
    CUSTOM_BOOTSTRAP("running custom bootstrap script"),
    CUSTOM_BOOTSTRAP_FAILED("custom bootstrap failed"),
    CREATING_REPLICA("creating replica"),
    RUNNING("running"),
    STARTING("starting"),
    BOOTSTRAP_STARTING("starting after custom bootstrap"),
    START_FAILED("start failed"),
    RESTARTING("restarting"),
    RESTART_FAILED("restart failed"),
    STOPPING("stopping"),
    STOPPED("stopped"),
    STOP_FAILED("stop failed"),
    CRASHED("crashed");

    private final String wire;

    MemberState(String wire) {
        this.wire = wire;
    }

    public String wire() {
        return wire;
    }

    /** The number that {@code patroni_postgres_state} shows. */
    public int metric() {
        return ordinal();
    }

    public static Optional<MemberState> parse(String text) {
        return Arrays.stream(values()).filter(s -> s.wire.equals(text)).findFirst();
    }
}
