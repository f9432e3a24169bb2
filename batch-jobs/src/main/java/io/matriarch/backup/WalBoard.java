package io.matriarch.backup;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;

/** How far the WAL stream of this server is. The stream writes, whoever asks reads; neither waits. */
@ApplicationScoped
public class WalBoard {
    private volatile WalStatus status = WalStatus.off("this manager is not the elected one", Instant.now());

    public WalStatus status() {
        return status;
    }

    public void shows(WalStatus now) {
        status = now;
    }
}
