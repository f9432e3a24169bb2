package io.matriarch.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.Job;
import io.matriarch.backup.JobQuery;
import io.matriarch.backup.JobRun.State;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobQuestionTest {

    @Test
    void withoutAWordItIsTheNewestTwenty() {
        assertThat(JobQuestion.read(null, null, null, null, null).query()).contains(JobQuery.newest(20));
        assertThat(JobQuestion.read("", "", "", "", "").query()).contains(JobQuery.newest(20));
    }

    @Test
    void allThatCanBeAsked() {
        assertThat(JobQuestion.read("5", "10", "99", "base-backup", "failed,STOPPED")
                        .query())
                .contains(new JobQuery(
                        Optional.of(Job.BASE_BACKUP), List.of(State.FAILED, State.STOPPED), Optional.of(99L), 5, 10));
    }

    @ParameterizedTest
    @CsvSource({
        "limit, 0",
        "limit, 201",
        "limit, -1",
        "limit, many",
        "offset, -1",
        "offset, 99999999999",
        "before, 0",
        "before, 12345678901234567890",
        "job, backup",
        "state, DONE",
        "state, 'FAILED,'"
    })
    void wrongWordIsNamedWithWhatIsAllowed(String name, String value) {
        var question = JobQuestion.read(
                name.equals("limit") ? value : null,
                name.equals("offset") ? value : null,
                name.equals("before") ? value : null,
                name.equals("job") ? value : null,
                name.equals("state") ? value : null);

        assertThat(question.query()).isEmpty();
        assertThat(question.problems()).hasSize(1).first().asString().contains(name);
    }

    @Test
    void allProblemsComeAtOnce() {
        assertThat(JobQuestion.read("0", "x", "y", "z", "DONE").problems())
                .containsExactly(
                        "limit is a number of at least 1, at most 200",
                        "offset is a number of at least 0, at most 2147483647",
                        "before is a number of at least 1",
                        "there is no job of that name; job is one of: " + Job.words(),
                        "state is one or more, with commas between, of: RUNNING, STOPPING, COMPLETED, STOPPED, FAILED, ABANDONED");
    }
}
