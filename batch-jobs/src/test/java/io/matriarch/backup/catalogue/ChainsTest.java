package io.matriarch.backup.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.retention.Backup.State;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChainsTest {
    private static final Instant NOON = Instant.parse("2026-06-15T12:00:00Z");
    private static final Entry FULL = entry("full", Optional.empty(), State.VERIFIED);
    private static final Entry SECOND = entry("second", Optional.of("full"), State.VERIFIED);
    private static final Entry THIRD = entry("third", Optional.of("second"), State.CONSISTENT);
    private static final Entry ALONE = entry("alone", Optional.empty(), State.VERIFIED);

    private static Entry entry(String label, Optional<String> parent, State state) {
        return entry(label, parent, state, "7000000000000000001");
    }

    private static Entry entry(String label, Optional<String> parent, State state, String system) {
        var description = new BackupDescription(
                label,
                "herd",
                new SystemIdentifier(system),
                new Timeline(1),
                new Lsn(0x2000028),
                new Lsn(0x2000100),
                NOON,
                NOON,
                "17.12",
                "zstd",
                "pg1",
                1_000,
                List.of(),
                parent,
                Optional.empty());
        return new Entry(
                description, state, NOON, "as the test says", Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static State state(List<Entry> entries, String label) {
        return find(Chains.judged(entries), label).state();
    }

    private static Entry find(List<Entry> entries, String label) {
        return entries.stream()
                .filter(e -> e.description().label().equals(label))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aChainBeginsWithTheFullBackup() {
        var chain = new Chains(List.of(THIRD, ALONE, FULL, SECOND)).of(THIRD);

        assertThat(chain.links()).containsExactly(FULL, SECOND, THIRD);
        assertThat(chain.broken()).isEmpty();
        assertThat(chain.serverBytes()).isEqualTo(3_000);
    }

    @Test
    void whatBuildsOnNothingSuspectKeepsItsOwnState() {
        var all = List.of(FULL, SECOND, THIRD, ALONE);

        assertThat(Chains.judged(all)).isEqualTo(all);
    }

    @Test
    void aSuspectBackupMakesSuspectWhatBuildsOnItAndNothingElse() {
        var suspect = entry("second", Optional.of("full"), State.SUSPECT);
        var all = List.of(FULL, suspect, THIRD, ALONE);

        assertThat(state(all, "full")).isEqualTo(State.VERIFIED);
        assertThat(state(all, "alone")).isEqualTo(State.VERIFIED);
        assertThat(state(all, "third")).isEqualTo(State.SUSPECT);
        assertThat(find(Chains.judged(all), "third").why())
                .isEqualTo("it builds on second, which is suspect: as the test says");
        assertThat(find(Chains.judged(all), "second").why()).isEqualTo("as the test says");
    }

    @Test
    void aParentThatIsMissingMakesItsDescendantsSuspect() {
        var all = List.of(SECOND, THIRD);

        assertThat(state(all, "second")).isEqualTo(State.SUSPECT);
        assertThat(find(Chains.judged(all), "third").why())
                .isEqualTo("second builds on full, which the repository does not hold");
        assertThat(new Chains(all).of(THIRD).broken()).isPresent();
    }

    @Test
    void aChainThatIsNoneEnds() {
        var one = entry("one", Optional.of("two"), State.VERIFIED);
        var two = entry("two", Optional.of("one"), State.VERIFIED);
        var foreign = entry("foreign", Optional.of("full"), State.VERIFIED, "7000000000000000002");

        assertThat(state(List.of(one, two), "one")).isEqualTo(State.SUSPECT);
        assertThat(state(List.of(FULL, foreign), "foreign")).isEqualTo(State.SUSPECT);
    }
}
