package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Endpoint;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.OnCluster;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The sample database is the same on all members: schema and rows, before and after a fail-over. */
@OnCluster
@Order(5)
class ExpensesSystemIT {
    private static final String DATABASE = "expenses";
    private static final List<String> TABLES = List.of("users", "categories", "expenses", "income");

    @Test
    void allMembersHoldTheSameSchemaAndRowsBeforeAndAfterAFailover(MatriarchCluster cluster) throws SQLException {
        load(cluster.primary());
        cluster.waitCaughtUp(MatriarchCluster.HEAL_LIMIT);

        Map<String, String> rows = checksums(cluster.primary());
        String schema = schema(cluster.primary());
        assertThat(rows.values()).doesNotContain("0:").hasSize(TABLES.size());
        assertThat(schema)
                .contains("FOREIGN KEY", "CREATE INDEX expenses_by_user_and_day", "CHECK ((amount > (0)::numeric))");
        assertSameEverywhere(cluster, rows, schema);

        Faults.killPostmaster(cluster.primary());
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        cluster.waitCaughtUp(MatriarchCluster.HEAL_LIMIT);
        assertSameEverywhere(cluster, rows, schema);
    }

    private static void assertSameEverywhere(MatriarchCluster cluster, Map<String, String> rows, String schema)
            throws SQLException {
        for (Member member : cluster.members()) {
            assertThat(checksums(member)).as("rows on " + member.name()).isEqualTo(rows);
            assertThat(schema(member)).as("schema on " + member.name()).isEqualTo(schema);
        }
    }

    private static void load(Member primary) throws SQLException {
        if (!Sql.ask(primary.endpoint(), "select count(*) from pg_database where datname = '" + DATABASE + "'")
                .equals("0")) {
            Sql.execute(primary.endpoint(), "drop database " + DATABASE);
        }
        Sql.execute(primary.endpoint(), "create database " + DATABASE);
        Path script = Workplace.checkout().resolve("deploy/demo-data/expenses.sql");
        List<String> psql = new ArrayList<>(client("psql", primary));
        psql.addAll(List.of("-q", "-f", script.toString()));
        Command.run(psql);
    }

    /** {@code pg_dump}'s words, without the tokens that newer versions make up anew for each run. */
    private static String schema(Member member) {
        List<String> dump = new ArrayList<>(client("pg_dump", member));
        dump.add("--schema-only");
        return String.join(
                "\n",
                Command.run(dump)
                        .lines()
                        .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
                        .toList());
    }

    private static List<String> client(String program, Member member) {
        return List.of(
                "env",
                "PGPASSWORD=" + Endpoint.PASSWORD,
                Workplace.postgresBin().resolve(program).toString(),
                "-h",
                member.host().address(),
                "-p",
                Integer.toString(member.postgresPort()),
                "-U",
                Endpoint.USER,
                "-d",
                DATABASE);
    }

    /** For each table the number of its rows and a checksum over all of them in the order of their keys. */
    private static Map<String, String> checksums(Member member) throws SQLException {
        Map<String, String> sums = new TreeMap<>();
        for (String table : TABLES) {
            String query =
                    "select count(*) || ':' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from "
                            + table + " t";
            sums.put(table, Sql.ask(member.endpoint(), DATABASE, query));
        }
        return sums;
    }
}
