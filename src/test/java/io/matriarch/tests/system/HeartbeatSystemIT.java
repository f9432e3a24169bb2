package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.heartbeat.Heartbeat;
import io.matriarch.tests.support.SinglePostgres;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whoever may create tables in the database of the heartbeat gains no rights by making that table first. */
final class HeartbeatSystemIT {
    private static final List<String> TRAPS = List.of(
            "ALTER TABLE matriarch.heartbeat OWNER TO mallory",
            "CREATE TRIGGER t BEFORE INSERT OR UPDATE ON matriarch.heartbeat FOR EACH ROW"
                    + " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "CREATE RULE r AS ON UPDATE TO matriarch.heartbeat DO ALSO NOTHING",
            "ALTER TABLE matriarch.heartbeat ENABLE ROW LEVEL SECURITY");

    @Test
    void onlyAPlainTableOfASuperuserIsOurs() throws Exception {
        try (var pg = SinglePostgres.init()) {
            pg.start();
            pg.ask("CREATE ROLE mallory");
            pg.ask("CREATE SCHEMA matriarch");
            assertThat(pg.ask(Heartbeat.IS_OURS)).isEqualTo("f");
            for (var trap : TRAPS) {
                pg.ask("CREATE TABLE matriarch.heartbeat (at timestamptz)");
                assertThat(pg.ask(Heartbeat.IS_OURS)).isEqualTo("t");
                pg.ask(trap);
                assertThat(pg.ask(Heartbeat.IS_OURS)).as(trap).isEqualTo("f");
                pg.ask("DROP TABLE matriarch.heartbeat");
            }
            pg.ask("CREATE VIEW matriarch.heartbeat AS SELECT now() AS at");
            assertThat(pg.ask(Heartbeat.IS_OURS)).as("a view").isEqualTo("f");
        }
    }
}
