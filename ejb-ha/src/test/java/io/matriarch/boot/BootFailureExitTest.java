package io.matriarch.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class BootFailureExitTest {

    private final AtomicInteger exits = new AtomicInteger();
    private final BootFailureExit handler = new BootFailureExit(exits::incrementAndGet);

    @Test
    void serverThatStartedWithErrorsIsEnded() {
        handler.publish(new LogRecord(Level.SEVERE, "WFLYSRV0026: WildFly started (with errors) in 3000ms"));

        assertThat(exits).hasValue(1);
    }

    @Test
    void otherErrorsEndNothing() {
        handler.publish(new LogRecord(Level.SEVERE, "WFLYCTL0013: Operation failed"));
        handler.publish(new LogRecord(Level.SEVERE, null));

        assertThat(exits).hasValue(0);
    }
}
