package io.matriarch.backup.history;

import io.matriarch.ha.model.SystemIdentifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The batch runtime's tables. They are asked directly: the runtime's own answers come from caches, it reads all of a job's history to tell a page
 * of it, and it neither ends what a crash has left nor deletes anything. Each method blocks as long as the database does.
 */
public final class JobRecords {
    /** What an execution is said to have ended with that did not live to say so itself. */
    public static final String INTERRUPTED = "interrupted: the manager stopped while it ran";

    private static final String COLUMNS =
            "select e.jobexecutionid, e.jobinstanceid, i.jobname, e.batchstatus, e.createtime, e.endtime, e.exitstatus,"
                    + " e.jobparameters from job_execution e join job_instance i on i.jobinstanceid = e.jobinstanceid";
    private static final String ALIVE = " batchstatus in ('STARTING', 'STARTED', 'STOPPING')";

    private final DataSource database;

    public JobRecords(DataSource database) {
        this.database = database;
    }

    /**
     * Which executions.
     *
     * @param before only those with a smaller id: how a page goes on where the last one ended, whatever was started since
     * @param statuses none means all
     */
    public record Question(Optional<String> job, List<String> statuses, Optional<Long> before, int limit, int offset) {
        public Question {
            statuses = List.copyOf(statuses);
        }
    }

    /**
     * Makes the tables fit for use: indexes, which the runtime does not make, and room for an exit status of any length, without which an
     * execution whose last words are long would never be recorded as ended.
     */
    public void prepare() throws RecordsException {
        change("preparing them", connection -> {
            try (var statement = connection.createStatement()) {
                statement.execute("create index if not exists execution_by_instance on job_execution (jobinstanceid)");
                statement.execute("create index if not exists execution_by_status on job_execution (batchstatus)");
                statement.execute("create index if not exists step_by_execution on step_execution (jobexecutionid)");
                statement.execute("create index if not exists instance_by_job on job_instance (jobname)");
                for (var table : List.of("job_execution", "step_execution")) {
                    statement.execute("alter table " + table + " alter column exitstatus set data type varchar");
                }
            }
            return 0;
        });
    }

    /** Which PostgreSQL keeps them; empty when it is a file of this server. */
    public Optional<SystemIdentifier> system() throws RecordsException {
        try (var connection = database.getConnection()) {
            if (!connection.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
                return Optional.empty();
            }
        } catch (SQLException e) {
            throw new RecordsException("asking whose they are", e);
        }
        return ask(
                        "select system_identifier::text from pg_control_system()",
                        List.of(),
                        row -> new SystemIdentifier(String.valueOf(row.getString(1))))
                .stream()
                .findFirst();
    }

    /** A page, the newest execution first. */
    public List<Execution> page(Question question) throws RecordsException {
        var sql = new StringBuilder(COLUMNS).append(" where 1 = 1");
        var values = new ArrayList<Object>();
        question.job().ifPresent(job -> {
            sql.append(" and i.jobname = ?");
            values.add(job);
        });
        question.before().ifPresent(id -> {
            sql.append(" and e.jobexecutionid < ?");
            values.add(id);
        });
        if (!question.statuses().isEmpty()) {
            sql.append(" and e.batchstatus in (")
                    .append("?, ".repeat(question.statuses().size() - 1))
                    .append("?)");
            values.addAll(question.statuses());
        }
        sql.append(" order by e.jobexecutionid desc limit ? offset ?");
        values.add(question.limit());
        values.add(question.offset());
        return ask(sql.toString(), values, JobRecords::execution);
    }

    /** One execution. */
    public Optional<Execution> find(long id) throws RecordsException {
        return ask(COLUMNS + " where e.jobexecutionid = ?", List.of(id), JobRecords::execution).stream()
                .findFirst();
    }

    /** Its steps, in the order in which they were begun. */
    public List<Execution.Step> steps(long id) throws RecordsException {
        return ask(
                "select stepname, batchstatus, starttime, endtime, exitstatus from step_execution"
                        + " where jobexecutionid = ? order by stepexecutionid",
                List.of(id),
                JobRecords::step);
    }

    /** The newest try of the same thing. */
    public long newestOf(long instance) throws RecordsException {
        return ask(
                        "select max(jobexecutionid) from job_execution where jobinstanceid = ?",
                        List.of(instance),
                        row -> row.getLong(1))
                .getFirst();
    }

    /**
     * Ends in the records what an earlier server left there as running. To be called before the first job is started: the records belong to one
     * server, so that whatever runs there by then does not run.
     *
     * @return those that were ended
     */
    public List<Execution> endInterrupted(Instant now) throws RecordsException {
        var left = ask(COLUMNS + " where" + ALIVE, List.of(), JobRecords::execution);
        if (left.isEmpty()) {
            return left;
        }
        change("ending what an earlier server left running", connection -> {
            connection.setAutoCommit(false);
            try (var executions = connection.prepareStatement(
                            "update job_execution set batchstatus = 'FAILED', exitstatus = ?, endtime = ?, lastupdatedtime = ?"
                                    + " where" + ALIVE);
                    var steps = connection.prepareStatement(
                            "update step_execution set batchstatus = 'FAILED', exitstatus = ?, endtime = ? where"
                                    + ALIVE);
                    var partitions = connection.prepareStatement(
                            "update partition_execution set batchstatus = 'FAILED', exitstatus = ? where" + ALIVE)) {
                var at = Timestamp.from(now);
                bind(executions, List.of(INTERRUPTED, at, at)).executeUpdate();
                bind(steps, List.of(INTERRUPTED, at)).executeUpdate();
                bind(partitions, List.of(INTERRUPTED)).executeUpdate();
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
            return left.size();
        });
        return left;
    }

    /** All executions, for the policy of what may go. */
    public List<Execution> all() throws RecordsException {
        return ask(COLUMNS, List.of(), JobRecords::execution);
    }

    /** Forgets instances with their executions and steps; one that runs is left alone, whatever is asked. */
    public int forget(List<Long> instances) throws RecordsException {
        return change("forgetting old executions", connection -> {
            int forgotten = 0;
            try (var statement =
                    connection.prepareStatement("delete from job_instance where jobinstanceid = ? and not exists"
                            + " (select 1 from job_execution e where e.jobinstanceid = job_instance.jobinstanceid and e."
                            + ALIVE.strip() + ")")) {
                for (long instance : instances) {
                    forgotten += bind(statement, List.of(instance)).executeUpdate();
                }
            }
            return forgotten;
        });
    }

    private static Execution execution(ResultSet row) throws SQLException {
        return new Execution(
                row.getLong(1),
                row.getLong(2),
                String.valueOf(row.getString(3)),
                String.valueOf(row.getString(4)),
                instant(row, 5).orElse(Instant.EPOCH),
                instant(row, 6),
                Optional.ofNullable(row.getString(7)),
                StoredParameters.parse(Optional.ofNullable(row.getString(8)).orElse("")));
    }

    private static Execution.Step step(ResultSet row) throws SQLException {
        return new Execution.Step(
                String.valueOf(row.getString(1)),
                String.valueOf(row.getString(2)),
                instant(row, 3).orElse(Instant.EPOCH),
                instant(row, 4),
                Optional.ofNullable(row.getString(5)));
    }

    private static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getTimestamp(column)).map(Timestamp::toInstant);
    }

    @FunctionalInterface
    private interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    @FunctionalInterface
    private interface Change {
        int on(Connection connection) throws SQLException;
    }

    private <T> List<T> ask(String sql, List<?> values, Row<T> row) throws RecordsException {
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(sql);
                var rows = bind(statement, values).executeQuery()) {
            var all = new ArrayList<T>();
            while (rows.next()) {
                all.add(row.read(rows));
            }
            return List.copyOf(all);
        } catch (SQLException e) {
            throw new RecordsException("reading them", e);
        }
    }

    private int change(String what, Change change) throws RecordsException {
        try (var connection = database.getConnection()) {
            return change.on(connection);
        } catch (SQLException e) {
            throw new RecordsException(what, e);
        }
    }

    private static PreparedStatement bind(PreparedStatement statement, List<?> values) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
        return statement;
    }
}
