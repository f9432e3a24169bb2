package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.adapter.postgres.PgConnections.Session;
import io.matriarch.ha.config.ToolOption;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.port.PostgresControl.Progress;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/** Takes this member's data back to where its history parted from the leader's. What is thrown away by that was saved before. */
final class Rewinder {
    private static final Logger LOG = Logger.getLogger(Rewinder.class);
    private static final Duration LIMIT = Duration.ofDays(1);
    private static final Duration STALL = Duration.ofMinutes(15);
    private static final Duration RECOVERY_LIMIT = Duration.ofHours(6);
    private static final int CONFIG_FILE_SINCE = 15;
    private static final Pattern PROGRESS = Pattern.compile("^\\s*([0-9]+)/([0-9]+) kB.*");

    private final PostgresTools tools;
    private final PgConnections connections;
    private final ConfigFiles files;
    private final SourceCheck check;

    Rewinder(PostgresTools tools, PgConnections connections, ConfigFiles files) {
        this.tools = tools;
        this.connections = connections;
        this.files = files;
        this.check = new SourceCheck(connections, "matriarch rewind");
    }

    void run(
            PostgresSettings settings, Upstream leader, SystemIdentifier expected, Timeline timeline, Progress progress)
            throws PostgresException, InterruptedException {
        Path data = settings.dataDir();
        progress.report("asking " + SourceCheck.name(leader) + " what it is", 0, Optional.empty());
        proveLeader(leader, expected, timeline);
        if (!ControlData.read(tools, data).systemIdentifier().equals(expected)) {
            throw new PostgresException(
                    "the local data belong to another system than " + expected + ": nothing was touched");
        }
        refuseWhileRunning(data);
        Path standbySignal = data.resolve("standby.signal");
        boolean wasReplica = Files.exists(standbySignal);
        boolean done = false;
        try {
            Map<Path, String> own = ownFiles(settings);
            files.apply(settings);
            // Single-user mode, which recovery below and pg_rewind itself need, refuses a standby.
            DurableFiles.delete(standbySignal);
            DurableFiles.delete(data.resolve("recovery.signal"));
            recover(settings, progress);
            progress.report("reading what differs from " + SourceCheck.name(leader), 0, Optional.empty());
            rewind(settings, leader, progress, true);
            var unfinished = new UnfinishedRewind(settings.stateDir());
            unfinished.begin(data);
            try {
                rewind(settings, leader, progress, false);
                unfinished.end();
            } finally {
                unfinished.settle(data);
            }
            for (var file : own.entrySet()) {
                DurableFiles.write(file.getKey(), file.getValue());
            }
            files.forget();
            files.writeForReplica(settings, leader);
            done = true;
            LOG.infof("rewound %s onto %s, timeline %s", data, SourceCheck.name(leader), timeline);
        } catch (IOException e) {
            throw new PostgresException("the rewind of " + data + " failed: " + e.getMessage(), e);
        } finally {
            if (!done && wasReplica) {
                markReplica(standbySignal);
            }
        }
    }

    /** pg_rewind goes by the leader's control file: before its first checkpoint after the promotion it would find nothing to do. */
    private void proveLeader(Upstream leader, SystemIdentifier expected, Timeline timeline)
            throws PostgresException, InterruptedException {
        var identity = check.prove(leader, Optional.of(expected));
        if (!identity.timeline().equals(timeline)) {
            throw new PostgresException(SourceCheck.name(leader) + " is on timeline " + identity.timeline()
                    + ", not on " + timeline + ": the world moved on, nothing was touched");
        }
        if (check.checkpointTimeline(leader).compareTo(timeline) < 0) {
            var session = new Session("matriarch checkpoint", Duration.ofSeconds(5), Duration.ZERO);
            try (var connection = connections.superuserAt(leader.host(), leader.port(), session)) {
                Cancellable.execute(connection, "CHECKPOINT");
            } catch (SQLException e) {
                throw new PostgresException(
                        "could not ask " + SourceCheck.name(leader) + " for a checkpoint: " + e.getMessage(), e);
            }
            if (check.checkpointTimeline(leader).compareTo(timeline) < 0) {
                throw new PostgresException(
                        SourceCheck.name(leader) + " has made no checkpoint on timeline " + timeline + " yet");
            }
        }
    }

    private void refuseWhileRunning(Path data) throws PostgresException, InterruptedException {
        var status = tools.run("pg_ctl", List.of("-D", data.toString(), "status"), Duration.ofSeconds(10));
        if (status.isSuccess()) {
            throw new PostgresException("PostgreSQL runs in " + data + ": nothing was touched");
        }
    }

    /**
     * Crash recovery by a single-user PostgreSQL: pg_rewind needs a clean stop. It keeps all WAL, which pg_rewind will read: segments that
     * wait for the archive are not removed, and none is archived.
     */
    private void recover(PostgresSettings settings, Progress progress) throws PostgresException, InterruptedException {
        Path data = settings.dataDir();
        if (ControlData.read(tools, data).cleanlyStopped()) {
            return;
        }
        if (Files.exists(data.resolve("backup_label"))) {
            throw new PostgresException(
                    data + " is a base backup that was never recovered: it can only be cloned anew");
        }
        progress.report("crash recovery", 0, Optional.empty());
        List<String> arguments = List.of(
                "--single",
                "-D",
                data.toString(),
                "-c",
                "config_file=" + settings.mainFile(),
                "-c",
                "archive_mode=on",
                "-c",
                "archive_command=false",
                "-c",
                "wal_keep_size=1000000",
                "-c",
                "max_slot_wal_keep_size=-1",
                "-c",
                "synchronous_standby_names=",
                "-c",
                "logging_collector=off",
                "-c",
                "listen_addresses=",
                "template1");
        tools.run(tools.command("postgres", arguments, RECOVERY_LIMIT)).orThrow();
        if (!ControlData.read(tools, data).cleanlyStopped()) {
            throw new PostgresException("crash recovery of " + data + " did not end with a clean stop");
        }
    }

    private void rewind(PostgresSettings settings, Upstream leader, Progress progress, boolean dry)
            throws PostgresException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "--target-pgdata=" + settings.dataDir(),
                "--source-server=" + ConnectionString.ofRewind(settings, leader),
                "--no-ensure-shutdown",
                "--progress"));
        if (dry) {
            arguments.add("--dry-run");
        }
        if (!settings.parameters()
                .recovery()
                .getOrDefault("restore_command", "")
                .isBlank()) {
            arguments.add("--restore-target-wal");
        }
        if (settings.majorVersion() >= CONFIG_FILE_SINCE) {
            arguments.add("--config-file=" + settings.mainFile());
        }
        settings.config().rewind().stream().map(ToolOption::argument).forEach(arguments::add);
        var result = tools.run(tools.command("pg_rewind", arguments, LIMIT)
                .with(ServiceFile.environment(
                        settings, settings.config().authentication().rewind()))
                .stalledAfter(STALL)
                .onErrorLine(line -> {
                    var match = PROGRESS.matcher(line);
                    if (match.matches() && !dry) {
                        progress.report(
                                "copying what differs from " + SourceCheck.name(leader),
                                Long.parseLong(match.group(1)) << 10,
                                Optional.of(Long.parseLong(match.group(2)) << 10));
                    }
                }));
        if (!result.isSuccess()) {
            throw new PostgresException((dry ? "nothing was changed: " : "") + result.describe());
        }
    }

    /** This member's own configuration; pg_rewind would replace it by the leader's. */
    private static Map<Path, String> ownFiles(PostgresSettings settings) throws IOException {
        Map<Path, String> own = new LinkedHashMap<>();
        for (Path file : List.of(settings.baseFile(), settings.hbaFile(), settings.identFile())) {
            DurableFiles.read(file).ifPresent(text -> own.put(file, text));
        }
        return own;
    }

    private static void markReplica(Path standbySignal) {
        try {
            DurableFiles.write(standbySignal, "");
        } catch (IOException e) {
            LOG.warnf("could not write %s again: %s", standbySignal, e);
        }
    }
}
