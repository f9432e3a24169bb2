package io.matriarch.backup.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.base.Summaries.Span;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SummariesTest {
    private static Span span(int timeline, long start, long end) {
        return new Span(new Timeline(timeline), new Lsn(start), new Lsn(end));
    }

    private static Optional<String> lacking(int timeline, long start, Span... spans) {
        return new Summaries(true, List.of(spans)).lacking(new Timeline(timeline), new Lsn(start));
    }

    @Test
    void summariesWithoutAHoleLackNothing() {
        assertThat(lacking(1, 150, span(1, 200, 300), span(1, 100, 200), span(1, 300, 400)))
                .isEmpty();
    }

    @Test
    void whatIsNotSummarizedYetDoesNotLack() {
        assertThat(lacking(1, 450, span(1, 100, 200), span(1, 200, 400))).isEmpty();
        assertThat(lacking(1, 450)).isEmpty();
    }

    @Test
    void summariesThatWereRemovedLack() {
        assertThat(lacking(1, 150, span(1, 200, 300), span(1, 300, 400)))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("0/00000096", "0/00000190", "wal_summary_keep_time"));
    }

    @Test
    void aHoleInTheMiddleLacks() {
        assertThat(lacking(1, 150, span(1, 100, 200), span(1, 300, 400))).isPresent();
    }

    @Test
    void aPromotionIsFollowed() {
        assertThat(lacking(1, 150, span(1, 100, 250), span(2, 250, 400), span(3, 400, 500)))
                .isEmpty();
    }

    @Test
    void anEarlierTimelineDoesNotFollowALaterOne() {
        assertThat(lacking(2, 150, span(1, 100, 250), span(1, 250, 400))).isPresent();
    }
}
