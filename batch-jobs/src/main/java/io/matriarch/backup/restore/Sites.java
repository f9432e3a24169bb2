package io.matriarch.backup.restore;

import io.matriarch.backup.node.NodeWork.Means;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.backup.restore.Site.Forbidden;
import io.matriarch.backup.restore.Site.RestoreProgress;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.backup.sandbox.Programs;
import io.matriarch.ha.api.BackupFacts.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Sites that a machine's configuration describes. */
final class Sites {
    /** What it does beside a member that serves must not slow that down. */
    private static final List<String> AT_LEISURE = List.of("nice", "-n", "10");

    private Sites() {}

    /**
     * The manager's own machine.
     *
     * @param data the data directory of this machine's own PostgreSQL, if it has one
     */
    static Site of(Settings settings, Optional<Path> data, Halt halt, RestoreProgress progress) throws IOException {
        var forbidden = new ArrayList<Forbidden>();
        if (data.isPresent()) {
            forbidden.addAll(ofMember(data.get()));
        }
        forbidden.add(new Forbidden(settings.repository(), "the repository"));
        forbidden.add(new Forbidden(settings.work(), "the manager's own work directory"));
        forbidden.add(new Forbidden(Path.of("/etc"), "the configuration of this machine"));
        return new Site(
                Optional.empty(),
                Repositories.open(settings),
                new Programs(name -> settings.program(name.toString()), List.of(), halt),
                settings.work(),
                settings.superuser(),
                forbidden,
                progress);
    }

    /** A member's machine, which reads the repository through its manager. */
    static Site of(Means means, RestoreProgress progress) throws IOException {
        var node = means.node();
        var forbidden = new ArrayList<>(ofMember(node.data()));
        forbidden.add(new Forbidden(node.state(), "the state of this member"));
        node.repository().ifPresent(directory -> forbidden.add(new Forbidden(directory, "the repository")));
        forbidden.add(new Forbidden(Path.of("/etc"), "the configuration of this machine"));
        return new Site(
                Optional.of(node.name() + " (" + node.host() + ")"),
                means.repository(),
                new Programs(name -> node.program(name.toString()), AT_LEISURE, means.halt()),
                node.work(),
                node.superuser(),
                forbidden,
                progress);
    }

    /** The data directory, and what links in it lead to. */
    private static List<Forbidden> ofMember(Path data) throws IOException {
        var all = new ArrayList<Forbidden>();
        all.add(new Forbidden(data, "the data directory of this member"));
        if (Files.exists(data.resolve("pg_wal"))) {
            all.add(new Forbidden(data.resolve("pg_wal").toRealPath(), "the WAL of this member"));
        }
        Path links = data.resolve("pg_tblspc");
        if (Files.isDirectory(links)) {
            try (Stream<Path> tablespaces = Files.list(links)) {
                for (Path link : tablespaces.filter(Files::exists).toList()) {
                    all.add(new Forbidden(link.toRealPath(), "a tablespace of this member"));
                }
            }
        }
        return all;
    }
}
