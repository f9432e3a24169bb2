package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Decides from what is seen of PostgreSQL which callback is due. A new agent begins with {@code on_start}, as Patroni does, so that a
 * script sets up anew what it may have missed. A crash has no {@code on_stop}: it usually comes back within a second. Called by one thread.
 */
final class CallbackTrigger {
    private final BiConsumer<Hooks.Event, String> callback;
    private Optional<PostgresRole> running = Optional.empty();
    private Optional<PostgresRole> before = Optional.empty();

    /** @param callback takes the event and the role */
    CallbackTrigger(BiConsumer<Hooks.Event, String> callback) {
        this.callback = callback;
    }

    void seen(PostgresState state, PostgresRole role) {
        switch (state) {
            case RUNNING -> {
                if (role != PostgresRole.UNKNOWN) {
                    runs(role);
                }
            }
            case STOPPED -> {
                running.ifPresent(was -> callback.accept(Hooks.Event.ON_STOP, name(was)));
                running = Optional.empty();
            }
            case CRASHED -> running = Optional.empty();
            case STARTING, STOPPING, HUNG, UNKNOWN -> {
                // Nothing has changed that is certain.
            }
        }
    }

    private void runs(PostgresRole role) {
        if (running.filter(was -> was == role).isPresent()) {
            return;
        }
        boolean changed = before.isPresent() && before.get() != role;
        callback.accept(changed ? Hooks.Event.ON_ROLE_CHANGE : Hooks.Event.ON_START, name(role));
        running = Optional.of(role);
        before = running;
    }

    private static String name(PostgresRole role) {
        return switch (role) {
            case PRIMARY -> "primary";
            case REPLICA, UNKNOWN -> "replica";
        };
    }
}
