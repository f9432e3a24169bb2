package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.base.BaseBackup;
import io.matriarch.backup.base.BaseBackup.Order;
import io.matriarch.backup.base.Checksums;
import io.matriarch.backup.base.Format;
import io.matriarch.backup.base.Leadership;
import io.matriarch.backup.base.Login;
import io.matriarch.backup.base.Source;
import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.BackupDescription.StoredFile;
import io.matriarch.backup.repository.DirectoryRepository;
import io.matriarch.backup.sandbox.Programs;
import io.matriarch.backup.verify.BackupVerifier;
import io.matriarch.backup.verify.Earlier;
import io.matriarch.backup.verify.Level;
import io.matriarch.backup.verify.Task;
import io.matriarch.backup.verify.Verdict;
import io.matriarch.backup.verify.Wish;
import io.matriarch.ha.model.BackupPolicy;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.SinglePostgres;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Backups of a real server, restored in a real sandbox: the good ones count, and what is wrong with the others is found and told. */
class VerificationSystemIT {
    private static final Leadership STABLE = () -> Optional.of(new Leadership.Reign("pg1", 7));
    private static final Login ANYBODY = new Login("postgres", "");
    private static SinglePostgres server;

    private Path repository;
    private Path work;

    @BeforeAll
    static void serverWithTwoTables() throws Exception {
        server = SinglePostgres.init("--data-checksums");
        server.start();
        server.ask("create table kept as select n, md5(n::text) from generate_series(1, 20000) as n");
        server.ask("create unique index on kept (n)");
        server.ask("create table small as select 1");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void places() {
        repository = Workplace.newDirectory();
        work = Workplace.newDirectory();
        Workplace.ownedByPostgres(work);
    }

    @AfterEach
    void remove() {
        Workplace.remove(repository);
        Workplace.remove(work);
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void goodBackupOfEachFormatIsSound(Format format) throws IOException {
        Verdict verdict = verify(take(format));

        assertThat(verdict.fault()).isEmpty();
        assertThat(verdict.reached()).isEqualTo(Level.SOUND);
        assertThat(verdict.counts()).isTrue();
        assertThat(verdict.rows())
                .containsEntry("postgres.public.kept", 20_000L)
                .containsEntry("postgres.public.small", 1L);
        assertThat(verdict.restore()).isPositive().isLessThanOrEqualTo(verdict.whole());
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void fileThatIsMissingIsNamed() throws IOException {
        var backup = take(Format.ZSTD);
        Files.delete(folder(backup).resolve("base.tar.zst"));

        Verdict verdict = verify(backup);

        assertThat(verdict.fault()).hasValueSatisfying(why -> assertThat(why).contains("base.tar.zst is missing"));
        assertThat(verdict.counts()).isFalse();
    }

    @Test
    void byteThatChangedIsFoundByTheChecksum() throws IOException {
        var backup = take(Format.NONE);
        Path tar = folder(backup).resolve("base.tar");
        byte[] bytes = Files.readAllBytes(tar);
        bytes[bytes.length / 2] ^= 1;
        Files.write(tar, bytes);

        assertThat(verify(backup).fault())
                .hasValueSatisfying(why -> assertThat(why).contains("is not what was stored"));
    }

    /** As after a copy that lied from the beginning: the checksum of the archive fits, a file in it does not. */
    @Test
    void fileThatIsNotWhatTheManifestSaysIsFound() throws IOException {
        var backup = take(Format.NONE);
        Path tar = folder(backup).resolve("base.tar");
        Path extra = Files.createDirectory(work.resolve("lie"));
        Files.writeString(extra.resolve("PG_VERSION"), "15 \n");
        Command.run("tar", "-C", extra.toString(), "-rf", tar.toString(), "PG_VERSION");
        Workplace.remove(extra);

        assertThat(verify(described(backup, tar)).fault())
                .hasValueSatisfying(why -> assertThat(why).contains("pg_verifybackup says", "PG_VERSION"));
    }

    @Test
    void archiveThatIsCutShortIsNamed() throws IOException {
        var backup = take(Format.GZIP);
        Path tar = folder(backup).resolve("base.tar.gz");
        byte[] bytes = Files.readAllBytes(tar);
        Files.write(tar, java.util.Arrays.copyOf(bytes, bytes.length / 2));

        assertThat(verify(described(backup, tar)).fault())
                .hasValueSatisfying(why -> assertThat(why).contains("cannot be unpacked"));
    }

    private static BackupDescription described(BackupDescription b, Path changed) throws IOException {
        var files = new ArrayList<StoredFile>();
        for (var file : b.files()) {
            boolean same = !changed.getFileName().toString().equals(file.name());
            files.add(same ? file : new StoredFile(file.name(), Files.size(changed), Checksums.sha256(changed)));
        }
        return new BackupDescription(
                b.label(),
                b.scope(),
                b.system(),
                b.timeline(),
                b.start(),
                b.stop(),
                b.startedAt(),
                b.stoppedAt(),
                b.postgres(),
                b.format(),
                b.source(),
                b.serverBytes(),
                files);
    }

    private BackupDescription take(Format format) throws IOException {
        var source = new Source("pg1", "127.0.0.1", server.port(), "postgres");
        return new BaseBackup(
                        new DirectoryRepository(repository),
                        Workplace.postgresBin().resolve("pg_basebackup"),
                        STABLE,
                        Clock.systemUTC())
                .take(
                        new Order(
                                "herd",
                                source,
                                ANYBODY,
                                ANYBODY,
                                format,
                                2,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        (bytes, total) -> {});
    }

    private Verdict verify(BackupDescription backup) throws IOException {
        var programs = new Programs(name -> Workplace.postgresBin().resolve(name), SinglePostgres.asPostgres());
        return new BackupVerifier(new DirectoryRepository(repository), programs, work, System::nanoTime)
                .verify(
                        List.of(backup),
                        new Task(
                                "postgres",
                                "postgres",
                                new Wish(false, Optional.empty()),
                                BackupPolicy.DEFAULTS.verification(),
                                new Earlier(new DirectoryRepository(repository), List.of())));
    }

    private Path folder(BackupDescription backup) {
        return repository.resolve("base").resolve(backup.label());
    }
}
