package io.matriarch.ha.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.api.CommandResult.Ending;
import io.matriarch.ha.config.Location;
import io.matriarch.ha.config.MemberConfig.Reloaded;
import io.matriarch.ha.config.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReloadAnswerTest {
    private static final Problem DOUBT = new Problem(Problem.Severity.WARNING, "tags", "doubtful", Location.NOWHERE);

    @Test
    void reloadIsScheduledAsPatroniSaysIt() {
        assertThat(HaCommands.answer(new Reloaded.Taken(List.of("tags"), List.of(), List.of())))
                .isEqualTo(CommandResult.accepted("reload scheduled"));
    }

    @Test
    void whatWaitsForARestartAndWhatIsDoubtfulStandInTheTextOnly() {
        var answer = HaCommands.answer(new Reloaded.Taken(List.of(), List.of("etcd3", "name"), List.of(DOUBT)));

        assertThat(answer.ending()).isEqualTo(Ending.ACCEPTED);
        assertThat(answer.message())
                .startsWith("reload scheduled")
                .contains("etcd3, name")
                .contains("tags: doubtful");
    }

    @Test
    void brokenFileIsRefused() {
        assertThat(HaCommands.answer(new Reloaded.Refused(List.of(DOUBT))).ending())
                .isEqualTo(Ending.INVALID);
    }
}
