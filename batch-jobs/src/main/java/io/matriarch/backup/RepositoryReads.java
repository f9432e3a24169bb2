package io.matriarch.backup;

import io.matriarch.backup.repository.Frames;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.backup.repository.Repository;
import io.matriarch.ha.api.BackupFacts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** This manager's repository for other machines of the cluster, to be read only: they need neither its volume nor its keys. */
@ApplicationScoped
public class RepositoryReads {
    private static final Pattern PREFIX =
            Pattern.compile("|[A-Za-z0-9][A-Za-z0-9._=+-]*(/[A-Za-z0-9][A-Za-z0-9._=+-]*)*/?");

    private final BackupFacts cluster;

    /** For the container's proxy. */
    protected RepositoryReads() {
        this(BackupFacts.none());
    }

    @Inject
    public RepositoryReads(BackupFacts cluster) {
        this.cluster = cluster;
    }

    /** Something to be sent; to be used once. Blocks as long as the repository and the receiver do. */
    @FunctionalInterface
    public interface Sending {
        void to(OutputStream out) throws IOException;
    }

    /**
     * A list of objects, a line each: bytes, time, name.
     *
     * @throws IllegalArgumentException for what is no beginning of a name
     * @throws IOException if the repository cannot be read, or this machine is no manager
     */
    public Sending list(String prefix) throws IOException {
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException("no beginning of the name of an object: " + prefix);
        }
        var text = new StringBuilder();
        for (var entry : repository().list(prefix)) {
            text.append(entry.bytes())
                    .append(' ')
                    .append(entry.modifiedAt())
                    .append(' ')
                    .append(entry.name())
                    .append('\n');
        }
        var lines = text.toString().getBytes(StandardCharsets.UTF_8);
        return out -> Frames.send(new ByteArrayInputStream(lines), out);
    }

    /**
     * An object's content; empty when there is none of that name.
     *
     * @param from the first byte that is wanted
     * @throws IllegalArgumentException for what is no name of an object
     * @throws IOException if the repository cannot be read, or this machine is no manager
     */
    public Optional<Sending> open(String name, long from) throws IOException {
        return repository().open(name).map(stored -> out -> {
            try (InputStream in = stored) {
                in.skipNBytes(from);
                Frames.send(in, out);
            }
        });
    }

    private Repository repository() throws IOException {
        return Repositories.open(cluster.settings().orElseThrow(() -> new IOException("this machine is no manager")));
    }
}
