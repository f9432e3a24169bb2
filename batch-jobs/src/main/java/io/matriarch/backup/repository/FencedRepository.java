package io.matriarch.backup.repository;

import io.matriarch.backup.manager.Tenure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A repository that is written only while this manager is certainly the elected one: what a manager that was frozen or cut off still wanted
 * to write is refused when it wakes up. Reading is free.
 */
public final class FencedRepository implements Repository {
    private final Repository behind;
    private final Tenure tenure;

    public FencedRepository(Repository behind, Tenure tenure) {
        this.behind = behind;
        this.tenure = tenure;
    }

    @Override
    public Entry create(String name, Content content) throws IOException {
        check(name);
        return behind.create(name, out -> {
            content.writeTo(out);
            check(name);
        });
    }

    @Override
    public List<Entry> createAll(String folder, Filling filling) throws IOException {
        check(folder);
        return behind.createAll(folder, new Filling() {
            @Override
            public void fill(Path directory) throws IOException {
                filling.fill(directory);
            }

            @Override
            public void publishing() throws IOException {
                filling.publishing();
                check(folder);
            }
        });
    }

    @Override
    public Optional<InputStream> open(String name) throws IOException {
        return behind.open(name);
    }

    @Override
    public List<Entry> list(String prefix) throws IOException {
        return behind.list(prefix);
    }

    @Override
    public void delete(String name) throws IOException {
        check(name);
        behind.delete(name);
    }

    @Override
    public Optional<Long> freeBytes() throws IOException {
        return behind.freeBytes();
    }

    @Override
    public int forgetPartials(Duration age, Instant now) throws IOException {
        check("over what was half written");
        return behind.forgetPartials(age, now);
    }

    @Override
    public int forgetUnfinished(String parent) throws IOException {
        check("over what was not finished in " + parent);
        return behind.forgetUnfinished(parent);
    }

    private void check(String name) throws IOException {
        tenure.requireHeld("writing " + name);
    }
}
