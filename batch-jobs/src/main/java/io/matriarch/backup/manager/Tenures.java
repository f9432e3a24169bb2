package io.matriarch.backup.manager;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.Optional;

/** Where jobs find the licence that they work under. The election writes, jobs read. */
@ApplicationScoped
public class Tenures {
    private volatile Optional<Tenure> current = Optional.empty();

    /** This manager was elected. */
    public void begin(Tenure tenure) {
        current = Optional.of(tenure);
    }

    /** It is no longer. */
    public void end() {
        current = Optional.empty();
    }

    /** The tenure of this manager; empty while another one is elected, or nobody. */
    public Optional<Tenure> current() {
        return current;
    }

    /**
     * The tenure of this manager.
     *
     * @throws IOException if it is not the elected one
     */
    public Tenure require() throws IOException {
        return current.orElseThrow(() -> new IOException("this manager is not the elected one"));
    }
}
