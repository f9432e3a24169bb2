package io.matriarch.backup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WalToolTest {
    private FakeManager manager;

    @BeforeEach
    void manager() throws IOException {
        manager = new FakeManager();
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    @Test
    void streamThatRunsIsWell() {
        answer(
                "GET /matriarch/v1/wal",
                "{\"state\": \"STREAMING\", \"member\": \"pg2\", \"timeline\": 4, \"durable_lsn\": \"0/5000000\"}");

        assertThat(run()).isZero();
        assertThat(manager.out())
                .contains("from               pg2", "timeline           4", "in the repository  0/5000000");
    }

    @Test
    void gapAndStandstillAreNot() {
        answer("GET /matriarch/v1/wal", "{\"state\": \"STREAMING\", \"gap\": \"from 0/1 to 0/2\"}");
        answer("GET /matriarch/v1/wal", "{\"state\": \"REPOSITORY_FAILS\", \"why\": \"No space left\"}");

        assertThat(run()).isEqualTo(1);
        assertThat(run("-o", "json")).isEqualTo(1);
        assertThat(manager.out()).contains("GAP", "from 0/1 to 0/2", "No space left");
    }

    @Test
    void checkIsFollowedToItsEnd() {
        answer("POST /matriarch/v1/wal/check", "{\"id\": 4, \"state\": \"RUNNING\"}");
        answer("GET /matriarch/v1/jobs/4", "{\"id\": 4, \"state\": \"RUNNING\"}");
        answer("GET /matriarch/v1/jobs/4", "{\"id\": 4, \"state\": \"FAILED\", \"outcome\": \"WAL lacks\"}");

        assertThat(run("check")).isEqualTo(1);
        assertThat(manager.err()).endsWith("WAL lacks\n");
    }

    @Test
    void wrongUsageAndRefusalAreTold() {
        assertThat(run("chek")).isEqualTo(2);
        assertThat(run("-o", "xml")).isEqualTo(2);
        assertThat(manager.err()).contains("usage: wal [check]");
        assertThat(run()).as("no manager there").isEqualTo(3);
    }

    private void answer(String question, String body) {
        manager.answer(question, 200, body);
    }

    private int run(String... arguments) {
        return manager.run(new WalTool(manager.shell())::run, arguments);
    }
}
