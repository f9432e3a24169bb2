package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.config.ToolOption;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.port.PostgresControl.Claim;
import io.matriarch.ha.port.PostgresControl.Progress;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Makes a new database cluster: initdb, settings, roles, the user's script. It gets the data directory's name when it is complete. */
final class Initializer {
    private static final Logger LOG = Logger.getLogger(Initializer.class);
    private static final Duration INITDB_LIMIT = Duration.ofMinutes(30);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final Duration SCRIPT_LIMIT = Duration.ofHours(1);
    private static final int CHECKSUMS_BY_DEFAULT_SINCE = 18;
    /** One that exists everywhere and sorts alike on every release of every system: a changed collation corrupts indexes. */
    private static final String LOCALE = "C.UTF-8";

    private static final List<Path> LOCALE_AT =
            List.of(Path.of("/usr/lib/locale/C.utf8"), Path.of("/usr/lib/locale/C.UTF-8"));

    private final PostgresTools tools;
    private final ConfigFiles files;
    private final Hooks hooks;

    Initializer(PostgresTools tools, ConfigFiles files, Hooks hooks) {
        this.tools = tools;
        this.files = files;
        this.hooks = hooks;
    }

    SystemIdentifier run(PostgresSettings settings, Claim claim, Progress progress)
            throws PostgresException, InterruptedException {
        String method = settings.local().bootstrap().method();
        if (!method.equals("initdb")) {
            throw new PostgresException(
                    "bootstrap.method is \"" + method + "\", but a cluster can only be made by initdb: make it by"
                            + " hand and start the first member on it. Nothing was touched");
        }
        DataPlace place = DataPlace.of(settings.dataDir());
        String stamp = DataPlace.stamp(Instant.now());
        Path incoming = place.fresh("incoming", stamp);
        boolean done = false;
        try {
            if (place.isOccupied()) {
                throw new PostgresException(settings.dataDir() + " is not empty: nothing was touched");
            }
            clearUnfinished(place);
            Files.createDirectories(DurableFiles.parent(incoming));
            progress.report("initdb", 0, Optional.empty());
            initdb(settings, incoming);
            configure(settings, incoming);
            roles(settings, incoming, progress);
            ControlData control = ControlData.read(tools, incoming);
            if (!control.cleanlyStopped()) {
                throw new PostgresException("the new cluster did not stop cleanly: " + control.state());
            }
            if (!claim.isOurs()) {
                throw new PostgresException(
                        "the claim on the new cluster was lost meanwhile: another member may make it");
            }
            place.takeIn(incoming, Map.of(), stamp);
            files.forget();
            files.writeForPrimary(settings);
            done = true;
            LOG.infof("made a new database cluster in %s, system %s", settings.dataDir(), control.systemIdentifier());
            return control.systemIdentifier();
        } catch (IOException e) {
            throw new PostgresException("the new cluster could not be made: " + e.getMessage(), e);
        } finally {
            if (!done) {
                keepFailed(place, incoming, stamp);
            }
        }
    }

    private void initdb(PostgresSettings settings, Path incoming)
            throws PostgresException, InterruptedException, IOException {
        var superuser = settings.config().authentication().superuser();
        List<ToolOption> chosen = settings.local().bootstrap().initdb();
        Set<String> names = chosen.stream().map(ToolOption::name).collect(Collectors.toSet());
        List<String> arguments = new ArrayList<>(List.of(
                "--pgdata=" + incoming,
                "--username=" + superuser.username(),
                "--encoding=UTF8",
                "--auth-local=peer",
                "--auth-host=" + (superuser.password().isPresent() ? "scram-sha-256" : "ident")));
        if (names.stream()
                .noneMatch(
                        name -> name.startsWith("lc-") || name.endsWith("locale") || name.equals("locale-provider"))) {
            arguments.add("--locale=" + (LOCALE_AT.stream().anyMatch(Files::exists) ? LOCALE : "C"));
        }
        if (!names.contains("data-checksums") && !names.contains("no-data-checksums")) {
            arguments.add("--data-checksums");
        }
        chosen.stream()
                .filter(option -> !option.name().equals("username"))
                // Before 18 there is no such option: checksums are off unless asked for.
                .filter(option -> !option.name().equals("no-data-checksums")
                        || settings.majorVersion() >= CHECKSUMS_BY_DEFAULT_SINCE)
                .map(ToolOption::argument)
                .forEach(arguments::add);
        Path passwordFile = passwordFile(settings.stateDir());
        try {
            if (superuser.password().isPresent()) {
                DurableFiles.write(passwordFile, superuser.password().get().reveal() + "\n");
                arguments.add("--pwfile=" + passwordFile);
            }
            tools.run("initdb", arguments, INITDB_LIMIT).orThrow();
        } finally {
            DurableFiles.delete(passwordFile);
        }
    }

    /** Holds the superuser's password while initdb runs. An agent that was killed then leaves it; the next one deletes it. */
    static Path passwordFile(Path stateDir) {
        return stateDir.resolve("initdb-password");
    }

    /** What a killed agent left: its private PostgreSQL may still run in the unfinished directory. */
    private void clearUnfinished(DataPlace place) throws IOException, PostgresException, InterruptedException {
        for (Path stale : place.all("incoming")) {
            LOG.infof("deleting %s: a new cluster that was never finished", stale);
            tools.run(
                    "pg_ctl", List.of("-D", stale.toString(), "stop", "-m", "immediate", "-w", "-t", "10"), STOP_LIMIT);
            DataPlace.delete(stale);
        }
    }

    private void configure(PostgresSettings settings, Path incoming) throws PostgresException, IOException {
        boolean inside = settings.config().configDir().equals(settings.dataDir());
        if (inside) {
            files.adoptBase(settings, incoming);
            DurableFiles.write(incoming.resolve(settings.mainFile().getFileName()), files.mainOfNewPrimary(settings));
        } else {
            DurableFiles.createDirectory(settings.config().configDir());
            if (!Files.exists(settings.baseFile())) {
                DurableFiles.write(settings.baseFile(), Files.readString(incoming.resolve("postgresql.conf")));
            }
            DurableFiles.write(settings.mainFile(), files.mainOfNewPrimary(settings));
        }
        if (!settings.effective().hbaManaged()) {
            Path made = incoming.resolve("pg_hba.conf");
            Path hba = inside ? made : settings.hbaFile();
            if (inside || !Files.exists(hba)) {
                DurableFiles.write(hba, DefaultAccess.forNewCluster(settings, Files.readString(made)));
            }
        }
    }

    private void roles(PostgresSettings settings, Path incoming, Progress progress)
            throws PostgresException, InterruptedException {
        progress.report("starting privately", 0, Optional.empty());
        boolean inside = settings.config().configDir().equals(settings.dataDir());
        Path mainFile = inside ? incoming.resolve(settings.mainFile().getFileName()) : settings.mainFile();
        List<String> argv = StartArguments.of(tools, incoming, mainFile, settings.parameters());
        var users = settings.config().authentication();
        String database = settings.config().database();
        try (PrivateServer server = PrivateServer.start(
                tools,
                incoming,
                argv,
                settings.config().listen().port(),
                users.superuser().username(),
                StartArguments.logFile(settings, "bootstrap.log"))) {
            progress.report("creating roles", 0, Optional.empty());
            server.sql("postgres", NewClusterSql.roles(users, settings.local().bootstrap()));
            String grants = NewClusterSql.rewindGrants(users);
            if (!grants.isEmpty()) {
                // In template1 too: whichever database pg_rewind is told to use later was made from it.
                server.sql("postgres", grants);
                server.sql("template1", grants);
            }
            if (settings.local().bootstrap().postBootstrap().isPresent()) {
                progress.report("running post_bootstrap", 0, Optional.empty());
                hooks.afterBootstrap(
                        settings.local().bootstrap().postBootstrap().get(),
                        server.url(database),
                        Map.of(),
                        SCRIPT_LIMIT);
            }
            progress.report("stopping", 0, Optional.empty());
            server.stop();
        }
    }

    /** What failed is kept for people to look at, the newest only. */
    private static void keepFailed(DataPlace place, Path incoming, String stamp) {
        try {
            if (Files.exists(incoming)) {
                for (Path older : place.all("failed")) {
                    DataPlace.delete(older);
                }
                Path failed = place.fresh("failed", stamp);
                DurableFiles.move(incoming, failed);
                LOG.warnf("the new cluster that could not be finished is in %s", failed);
            }
        } catch (IOException e) {
            LOG.warnf("could not put %s away: %s", incoming, e);
        }
    }
}
