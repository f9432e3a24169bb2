package io.matriarch.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.config.LogConfig;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogLevelsTest {
    private static final Logger OURS = Logger.getLogger("io.matriarch");
    private static final Logger OTHER = Logger.getLogger("io.other");

    private static LogConfig config(String level, Map<String, String> loggers) {
        return new LogConfig("plain", level, Optional.empty(), Optional.empty(), 4, 1_000, loggers);
    }

    @AfterEach
    void usual() {
        LogLevels.apply(config("INFO", Map.of()));
    }

    @Test
    void theLevelIsOursAndLoggersHaveTheirOwn() {
        LogLevels.apply(config("DEBUG", Map.of("io.other", "ERROR")));

        assertThat(OURS.getLevel()).isEqualTo(Level.FINE);
        assertThat(OTHER.getLevel()).isEqualTo(Level.SEVERE);
    }

    @Test
    void aLoggerThatIsNamedNoLongerFollowsItsParentAgain() {
        LogLevels.apply(config("DEBUG", Map.of("io.other", "ERROR")));
        LogLevels.apply(config("WARNING", Map.of()));

        assertThat(OURS.getLevel()).isEqualTo(Level.WARNING);
        assertThat(OTHER.getLevel()).isNull();
    }
}
