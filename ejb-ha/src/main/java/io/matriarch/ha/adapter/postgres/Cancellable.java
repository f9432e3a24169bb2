package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.port.PostgresException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs a long statement so that an interrupt ends it: a thread that reads from a socket cannot be interrupted itself. */
final class Cancellable {

    private Cancellable() {}

    static void execute(Connection connection, String sql) throws PostgresException, InterruptedException {
        try (var statement = connection.createStatement()) {
            var task = new FutureTask<Void>(() -> {
                statement.execute(sql);
                return null;
            });
            Thread.ofPlatform().daemon().name("matriarch-sql").start(task);
            try {
                task.get();
            } catch (InterruptedException e) {
                statement.cancel();
                throw e;
            } catch (ExecutionException e) {
                throw new PostgresException(sql + ": " + e.getCause(), e);
            }
        } catch (SQLException e) {
            throw new PostgresException(sql + ": " + e.getMessage(), e);
        }
    }
}
