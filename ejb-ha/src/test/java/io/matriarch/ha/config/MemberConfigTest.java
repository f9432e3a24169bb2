package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class MemberConfigTest {
    private final AtomicReference<String> file = new AtomicReference<>(Samples.SMALL);
    private final MemberConfig config = new MemberConfig(() -> Samples.load(file.get()));
    private final List<LocalConfig> told = new ArrayList<>();

    private String reload(String yaml) {
        config.onChange(told::add);
        file.set(yaml);
        return config.reload();
    }

    @Test
    void whatCanChangeIsTakenAndToldToItsUsers() {
        assertThat(reload(Samples.SMALL + "  parameters: {work_mem: 7MB}\ntags: {nofailover: true}\n"))
                .isEmpty();

        assertThat(config.now().node().parameters()).containsEntry("work_mem", "7MB");
        assertThat(config.now().tags().nofailover()).isTrue();
        assertThat(told).containsExactly(config.now());
    }

    @Test
    void unchangedFileDisturbsNobody() {
        assertThat(reload(Samples.SMALL)).isEmpty();

        assertThat(told).isEmpty();
    }

    @Test
    void whatNeedsANewStartIsRefusedAsAWhole() {
        var before = config.now();

        assertThat(reload(Samples.SMALL.replace("/data/n1", "/data/n2").replace(":5432", ":5433")
                        + "tags: {nofailover: true}\n"))
                .contains("restart of the agent", "postgresql.listen", "postgresql.data_dir");

        assertThat(config.now()).isSameAs(before);
        assertThat(told).isEmpty();
    }

    @Test
    void wrongFileChangesNothing() {
        var before = config.now();

        assertThat(reload(Samples.SMALL.replace("name: n1", "name: '?'"))).contains("name", "still holds");

        assertThat(config.now()).isSameAs(before);
        assertThat(told).isEmpty();
    }
}
