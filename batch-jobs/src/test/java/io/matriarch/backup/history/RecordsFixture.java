package io.matriarch.backup.history;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.jberet.repository.JobRepository;
import org.jspecify.annotations.Nullable;

/** A database with the batch runtime's own tables, filled as the runtime does. */
public final class RecordsFixture {
    private final JdbcDataSource database = new JdbcDataSource();

    public RecordsFixture() throws SQLException, IOException {
        database.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        try (InputStream ddl = JobRepository.class.getResourceAsStream("/sql/jberet.ddl");
                Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            if (ddl == null) {
                throw new IOException("the batch runtime's tables are not described where they were");
            }
            for (String one : new String(ddl.readAllBytes(), StandardCharsets.UTF_8).split("!!")) {
                if (!one.isBlank()) {
                    statement.execute(one);
                }
            }
        }
    }

    public DataSource database() {
        return database;
    }

    public long instance(String job) throws SQLException {
        return insert("insert into job_instance (jobname, applicationname) values (?, 'matriarch')", job);
    }

    public long execution(long instance, String status, Instant created, @Nullable Instant ended, String parameters)
            throws SQLException {
        return insert(
                "insert into job_execution (jobinstanceid, batchstatus, createtime, starttime, endtime, exitstatus, jobparameters)"
                        + " values (?, ?, ?, ?, ?, ?, ?)",
                instance,
                status,
                Timestamp.from(created),
                Timestamp.from(created),
                ended == null ? null : Timestamp.from(ended),
                ended == null ? null : status,
                parameters);
    }

    public long step(long execution, String name, String status, Instant started) throws SQLException {
        return insert(
                "insert into step_execution (jobexecutionid, stepname, batchstatus, starttime) values (?, ?, ?, ?)",
                execution,
                name,
                status,
                Timestamp.from(started));
    }

    public void update(String sql, Object... values) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }

    private long insert(String sql, @Nullable Object... values) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
            try (var keys = statement.getGeneratedKeys()) {
                keys.next();
                return keys.getLong(1);
            }
        }
    }
}
