package io.matriarch.backup.repository;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A repository for those who must not write: whatever changes it throws {@link UnsupportedOperationException}.
 *
 * @param inner what is read
 */
public record ReadOnlyRepository(Repository inner) implements Repository {

    @Override
    public Optional<InputStream> open(String name) throws IOException {
        return inner.open(name);
    }

    @Override
    public List<Entry> list(String prefix) throws IOException {
        return inner.list(prefix);
    }

    @Override
    public Optional<Long> freeBytes() throws IOException {
        return inner.freeBytes();
    }

    @Override
    public Entry create(String name, Content content) {
        throw refused(name);
    }

    @Override
    public List<Entry> createAll(String folder, Filling filling) {
        throw refused(folder);
    }

    @Override
    public void delete(String name) {
        throw refused(name);
    }

    @Override
    public int forgetPartials(Duration age, Instant now) {
        throw refused("partials");
    }

    @Override
    public int forgetUnfinished(String parent) {
        throw refused(parent);
    }

    private static UnsupportedOperationException refused(String name) {
        return new UnsupportedOperationException("a verification only reads; this would change " + name);
    }
}
