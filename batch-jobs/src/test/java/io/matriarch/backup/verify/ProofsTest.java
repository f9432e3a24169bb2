package io.matriarch.backup.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.repository.DamagedException;
import io.matriarch.backup.repository.DirectoryRepository;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.verify.Earlier.Seen;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProofsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final SystemIdentifier SYSTEM = new SystemIdentifier("7000000000000000001");

    @TempDir
    Path directory;

    private static ProofDocument proof(int minute, boolean replayed) {
        var at = NOON.plusSeconds(60L * minute);
        return new ProofDocument(
                at,
                at,
                true,
                replayed,
                Map.of("db.public.t", 5L),
                Map.of("db: table public.t", "d1"),
                List.of("a word"));
    }

    @Test
    void whatIsWrittenIsRead() {
        assertThat(ProofDocument.parse(proof(1, true).toJson())).contains(proof(1, true));
    }

    @Test
    void whatIsNoneIsNone() {
        assertThat(ProofDocument.parse("[]")).isEmpty();
        assertThat(ProofDocument.parse("{\"at\": \"noon\"}")).isEmpty();
    }

    @Test
    void theLastOfEachBackupOfTheSystemCounts() throws IOException {
        var repository = new DirectoryRepository(directory);
        backup(repository, "basebackup_1", SYSTEM);
        backup(repository, "basebackup_2", SYSTEM);
        backup(repository, "basebackup_3", new SystemIdentifier("7000000000000000002"));
        var proofs = new Proofs(repository);
        proofs.write("basebackup_1", proof(1, false));
        proofs.write("basebackup_1", proof(4, false));
        proofs.write("basebackup_2", proof(2, true));
        var later = NOON.plusSeconds(600);
        proofs.write(
                "basebackup_2", new ProofDocument(later, later, false, true, Map.of(), Map.of(), List.of("a fault")));
        proofs.write("basebackup_3", proof(3, true));

        var found = proofs.earlier(new Catalogue(repository).list(), SYSTEM);

        assertThat(found.seen())
                .containsExactlyInAnyOrder(
                        Seen.of("base/basebackup_1/proof-0002.json", proof(4, false)),
                        Seen.of("base/basebackup_2/proof-0001.json", proof(2, true)));
        assertThat(found.before(NOON.plusSeconds(60L * 4))).contains(proof(2, true));
        assertThat(found.before(NOON.plusSeconds(60L * 2))).isEmpty();
    }

    @Test
    void verificationsAreCountedSinceTheLastThatReplayed() throws IOException {
        assertThat(sinceReplay(proof(1, false), proof(2, true), proof(3, false), proof(4, false)))
                .isEqualTo(2);
        assertThat(sinceReplay(proof(1, true))).isZero();
        assertThat(sinceReplay(proof(1, false))).isGreaterThan(10_000);
    }

    @Test
    void aDamagedOneIsPassedOverForTheOneBefore() throws IOException {
        var repository = new DirectoryRepository(directory);
        backup(repository, "basebackup_1", SYSTEM);
        new Proofs(repository).write("basebackup_1", proof(1, true));
        new Proofs(repository).write("basebackup_1", proof(2, true));

        var found = new Proofs(damaged(repository, "base/basebackup_1/proof-0002.json"))
                .earlier(new Catalogue(repository).list(), SYSTEM);

        assertThat(found.seen()).containsExactly(Seen.of("base/basebackup_1/proof-0001.json", proof(1, true)));
    }

    /** One whose encryption finds out, while it is read, that this object was changed. */
    private static Repository damaged(Repository whole, String name) {
        return (Repository) Proxy.newProxyInstance(
                Repository.class.getClassLoader(), new Class<?>[] {Repository.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("open") && name.equals(arguments[0])) {
                        return Optional.of(new InputStream() {
                            @Override
                            public int read() throws IOException {
                                throw new DamagedException("it was changed", new IOException());
                            }
                        });
                    }
                    return method.invoke(whole, arguments);
                });
    }

    private int sinceReplay(ProofDocument... proofs) throws IOException {
        var seen = Stream.of(proofs).map(p -> Seen.of("", p)).toList();
        return new Earlier(new DirectoryRepository(directory), seen).sinceReplay();
    }

    private static void backup(DirectoryRepository repository, String label, SystemIdentifier system)
            throws IOException {
        var description = new BackupDescription(
                label,
                "demo",
                system,
                new Timeline(1),
                Lsn.parse("0/2000000"),
                Lsn.parse("0/2000100"),
                NOON,
                NOON,
                "15.1",
                "zstd",
                "pg1",
                1_000,
                List.of());
        repository.create(
                Catalogue.FOLDER + label + "/" + BackupDescription.FILE,
                out -> out.write(description.toJson().getBytes(StandardCharsets.UTF_8)));
    }
}
