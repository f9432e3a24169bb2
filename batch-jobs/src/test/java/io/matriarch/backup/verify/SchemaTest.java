package io.matriarch.backup.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.sandbox.Programs.Ended;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SchemaTest {
    @Test
    void theDigestIsWhatStandsBehindTheLastBar() throws IOException {
        var schema = Schema.read((database, script, bound) ->
                script.contains("pg_database") ? new Ended(0, "db\n") : new Ended(0, "table public.\"a|b\"|d1\n"));

        assertThat(schema.fault()).isEmpty();
        assertThat(schema.objects()).containsEntry("database db", "").containsEntry("db: table public.\"a|b\"", "d1");
    }

    @Test
    void aCatalogueThatCannotBeReadIsAFaultOfTheBackup() throws IOException {
        var schema = Schema.read((database, script, bound) -> script.contains("pg_database")
                ? new Ended(0, "db\n")
                : new Ended(1, "ERROR:  invalid page in block 3 of relation pg_proc\n"));

        assertThat(schema.fault())
                .contains("the objects of db cannot be told: ERROR:  invalid page in block 3 of relation pg_proc");
    }
}
