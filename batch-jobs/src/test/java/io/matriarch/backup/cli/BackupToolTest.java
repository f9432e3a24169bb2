package io.matriarch.backup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BackupToolTest {
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
    void incrementalBackupIsAskedFor() {
        answer(
                "POST /matriarch/v1/backups?incremental=true",
                202,
                "{\"id\": 4, \"job\": \"base-backup\", \"state\": \"RUNNING\"}");

        assertThat(run("backup", "--incremental", "--no-wait")).isEqualTo(Shell.DONE);
    }

    @Test
    void backupIsFollowedToItsEnd() {
        answer("POST /matriarch/v1/backups", 202, "{\"id\": 4, \"job\": \"base-backup\", \"state\": \"RUNNING\"}");
        answer(
                "GET /matriarch/v1/jobs/4",
                200,
                "{\"id\": 4, \"state\": \"RUNNING\", \"progress\": {\"doing\": \"copying from pg1\", \"bytes\": 50, \"total\": 100,"
                        + " \"bytes_per_second\": 2048, \"seconds_left\": 3}}");
        answer("GET /matriarch/v1/jobs/4", 200, "{\"id\": 4, \"state\": \"COMPLETED\", \"outcome\": \"all is well\"}");

        assertThat(run("backup")).isEqualTo(Shell.DONE);
        assertThat(manager.out()).isEqualTo("all is well\n");
        assertThat(manager.err()).contains("copying from pg1, 50 %\n");
    }

    @Test
    void programsGetAllOfTheJobWhenItHasEnded() {
        for (var path : List.of("backups", "backups/newest/verify", "expire")) {
            answer("POST /matriarch/v1/" + path, 202, "{\"id\": 4, \"state\": \"RUNNING\"}");
        }
        for (var command : List.of("backup", "verify", "expire")) {
            answer("GET /matriarch/v1/jobs/4", 200, "{\"id\": 4, \"state\": \"FAILED\", \"outcome\": \"why\"}");
            assertThat(run(command, "-o", "json")).isEqualTo(Shell.FAILED);
        }
        assertThat(manager.out().replaceAll("\\s", ""))
                .isEqualTo("{\"id\":4,\"state\":\"FAILED\",\"outcome\":\"why\"}".repeat(3));
    }

    @Test
    void failedJobSaysWhyAndEndsWithOne() {
        answer("POST /matriarch/v1/backups/newest/verify", 202, "{\"id\": 4, \"state\": \"RUNNING\"}");
        answer("GET /matriarch/v1/jobs/4", 200, "{\"id\": 4, \"state\": \"FAILED\", \"outcome\": \"it is SUSPECT\"}");

        assertThat(run("verify")).isEqualTo(Shell.FAILED);
        assertThat(manager.err()).contains("it is SUSPECT");
    }

    @Test
    void refusalIsToldInWords() {
        answer("POST /matriarch/v1/backups", 409, "{\"title\": \"A job runs already\", \"detail\": \"Wait.\"}");

        assertThat(run("backup")).isEqualTo(Shell.REFUSED);
        assertThat(manager.err()).isEqualTo("A job runs already. Wait.\n");
    }

    @Test
    void backupsComeAsATable() {
        answer(
                "GET /matriarch/v1/backups",
                200,
                "{\"backups\": [{\"label\": \"b1\", \"state\": \"VERIFIED\", \"stopped_at\": \"2026-11-23T12:00:00.5Z\","
                        + " \"source\": \"pg1\", \"timeline\": 2, \"bytes\": 1536, \"format\": \"zstd\", \"restore_seconds\": 9, \"level\": \"V4\","
                        + " \"why\": \"V4 in 12 s\", \"note\": \"summarize_wal is off\"},"
                        + " {\"label\": \"b2\", \"parent\": \"b1\", \"state\": \"CONSISTENT\", \"format\": \"zstd\", \"why\": \"\"}]}");

        assertThat(run("backups")).isEqualTo(Shell.DONE);
        assertThat(manager.out().lines().toList())
                .containsExactly(
                        "BACKUP  KIND  STATE       FINISHED              FROM  TL  SIZE     FORMAT  LEVEL  RTO  BUILDS ON  WHY",
                        "b1      full  VERIFIED    2026-11-23 12:00:00Z  pg1   2   1.5 KiB  zstd    V4     9 s             V4 in 12 s; full, since summarize_wal is off",
                        "b2      incr  CONSISTENT                                  0 B      zstd    ?      ?    b1");
    }

    @Test
    void backupsComeByPages() {
        answer(
                "GET /matriarch/v1/backups?limit=1&before=b3",
                200,
                "{\"backups\": [{\"label\": \"b2\", \"state\": \"VERIFIED\"}], \"next\": \"/matriarch/v1/backups?limit=1&before=b2\"}");

        assertThat(run("backups", "--limit", "1", "--before", "b3")).isEqualTo(Shell.DONE);
        assertThat(manager.out()).endsWith("There are older ones: --before b2\n");
    }

    @Test
    void wrongUsageIsExplained() {
        assertThat(new BackupTool(manager.shell()).run(List.of("backup", "--fast")))
                .isEqualTo(Shell.USAGE);
        assertThat(manager.err()).startsWith("unknown option --fast\nusage: backup");
    }

    @Test
    void managerThatIsNotThereIsNamed() {
        manager.close();

        assertThat(run("backups")).isEqualTo(Shell.REFUSED);
        assertThat(manager.err()).startsWith("The manager cannot be reached");
    }

    @Test
    void jobsAreAskedForByFilterAndSayThatThereAreMore() {
        answer(
                "GET /matriarch/v1/jobs?limit=1&before=9&job=base-backup&state=FAILED%2CSTOPPED",
                200,
                "{\"jobs\": [{\"id\": 8, \"job\": \"base-backup\", \"state\": \"FAILED\", \"started_at\": \"2026-11-23T12:00:00Z\","
                        + " \"ended_at\": \"2026-11-23T12:01:00Z\", \"outcome\": \"no backup\"}], \"next\": \"/matriarch/v1/jobs\"}");

        assertThat(run("jobs", "--job=base-backup", "--state", "FAILED,STOPPED", "--limit", "1", "--before", "9"))
                .isEqualTo(Shell.DONE);
        assertThat(said().lines().toList())
                .containsExactly(
                        "ID  JOB          STATE   STARTED               ENDED                 OUTCOME",
                        "8   base-backup  FAILED  2026-11-23 12:00:00Z  2026-11-23 12:01:00Z  no backup",
                        "There are older ones: --before 8");
    }

    @Test
    void oneJobIsShownWithParametersAndSteps() {
        answer(
                "GET /matriarch/v1/jobs/8",
                200,
                "{\"id\": 8, \"job\": \"verify-backup\", \"state\": \"RUNNING\", \"started_at\": \"2026-11-23T12:00:00Z\","
                        + " \"parameters\": {\"label\": \"b1\"}, \"steps\": [{\"name\": \"verify\", \"state\": \"RUNNING\","
                        + " \"started_at\": \"2026-11-23T12:00:00Z\"}], \"progress\": {\"doing\": \"copying\", \"bytes\": 512,"
                        + " \"total\": 1024, \"bytes_per_second\": 256, \"seconds_left\": 2}}");

        assertThat(run("jobs", "8")).isEqualTo(Shell.DONE);
        assertThat(said())
                .contains("label      b1\n")
                .contains("copying [############............] 50 %  512 B of 1.0 KiB  256 B/s  2 s left")
                .contains("verify  RUNNING  2026-11-23 12:00:00Z");
    }

    @Test
    void jobsAsJsonAreWhatTheManagerSaid() {
        answer("GET /matriarch/v1/jobs", 200, "{\"jobs\": []}");

        assertThat(run("jobs", "-o", "json")).isEqualTo(Shell.DONE);
        assertThat(said()).isEqualTo("{\"jobs\": []}\n");
    }

    @Test
    void stoppedJobIsFollowedUntilItHasEnded() {
        answer("POST /matriarch/v1/jobs/4/stop", 202, "{\"id\": 4, \"state\": \"STOPPING\", \"job\": \"base-backup\"}");
        answer(
                "GET /matriarch/v1/jobs/4",
                200,
                "{\"id\": 4, \"state\": \"STOPPED\", \"outcome\": \"stopped as asked\"}");

        assertThat(run("jobs", "stop", "4")).isEqualTo(Shell.DONE);
        assertThat(said()).isEqualTo("STOPPED: stopped as asked\n");
    }

    @Test
    void jobThatEndedBeforeItCouldBeStoppedIsNoSuccess() {
        answer("POST /matriarch/v1/jobs/4/stop", 202, "{\"id\": 4, \"state\": \"STOPPING\"}");
        answer("GET /matriarch/v1/jobs/4", 200, "{\"id\": 4, \"state\": \"COMPLETED\", \"outcome\": \"b1\"}");

        assertThat(run("jobs", "stop", "4")).isEqualTo(Shell.FAILED);
    }

    @Test
    void restartFollowsTheNewExecution() {
        answer("POST /matriarch/v1/jobs/4/restart", 202, "{\"id\": 5, \"state\": \"RUNNING\"}");
        answer("GET /matriarch/v1/jobs/5", 200, "{\"id\": 5, \"state\": \"COMPLETED\", \"outcome\": \"well\"}");

        assertThat(run("jobs", "restart", "4")).isEqualTo(Shell.DONE);
        assertThat(said()).isEqualTo("well\n");
    }

    @Test
    void watchInALogSaysEachTenthOnce() {
        for (int bytes : new int[] {1, 5, 12, 19, 50}) {
            answer(
                    "GET /matriarch/v1/jobs/4",
                    200,
                    "{\"id\": 4, \"state\": \"RUNNING\", \"progress\": {\"doing\": \"copying\", \"total\": 100, \"bytes\": "
                            + bytes + "}}");
        }
        answer("GET /matriarch/v1/jobs/4", 200, "{\"id\": 4, \"state\": \"FAILED\", \"outcome\": \"no room\"}");

        assertThat(run("jobs", "watch", "4")).isEqualTo(Shell.FAILED);
        assertThat(manager.err().lines().toList())
                .containsExactly("copying, 0 %", "copying, 10 %", "copying, 50 %", "no room");
    }

    @Test
    void wrongUsageOfJobsIsNamed() {
        assertThat(run("jobs", "stop")).isEqualTo(Shell.USAGE);
        assertThat(run("jobs", "eight")).isEqualTo(Shell.USAGE);
        assertThat(run("jobs", "-o", "yaml")).isEqualTo(Shell.USAGE);
        assertThat(manager.err())
                .contains("stop needs the id of one execution")
                .contains("\"eight\" is no id of an execution")
                .contains("-o is \"yaml\"; allowed: json");
    }

    @Test
    void helpIsNoFailure() {
        assertThat(run("jobs", "--help")).isEqualTo(Shell.DONE);
        assertThat(said()).contains("Exit status: 0 done;", "base-backup, verify-backup, ");
    }

    private String said() {
        return manager.out();
    }

    private void answer(String question, int status, String body) {
        manager.answer(question, status, body);
    }

    private int run(String... arguments) {
        return manager.run(new BackupTool(manager.shell())::run, arguments);
    }
}
