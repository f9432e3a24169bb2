package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.ControlFacts;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.StorageView;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.model.WalPosition;
import io.matriarch.ha.port.PostgresProbe.Answer;
import io.matriarch.ha.port.PostgresProbe.Facts;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** One look: files, process, server, put together. Used by one thread at a time. */
final class FactsLook {
    private static final long BIT_MORE_BYTES = 4L << 20;
    /** A file that changed a moment ago may change again with the same time stamp. */
    private static final long STAMP_SETTLES_MS = 2_000;

    private final PgPaths paths;
    private final BooleanSupplier settingsChanged;
    private final Function<String, Optional<Upstream>> upstreamOf;
    private final DataDirectoryLook data;
    private final PostmasterLook postmaster;
    private final ServerLook server;
    private final ReplicaTimeline replicaTimeline;
    private Optional<Stamped> upstream = Optional.empty();

    private record Stamped(long modified, long size, Optional<Object> key, Optional<Upstream> upstream) {}

    FactsLook(
            PgPaths paths,
            PgConnections connections,
            PostgresTools tools,
            BooleanSupplier settingsChanged,
            SeenTimelines timelines,
            Function<String, Optional<Upstream>> upstreamOf) {
        this.paths = paths;
        this.settingsChanged = settingsChanged;
        this.upstreamOf = upstreamOf;
        this.data = new DataDirectoryLook(paths, tools, new MountTable());
        this.postmaster = new PostmasterLook(paths, Path.of("/proc"));
        this.server = new ServerLook(connections);
        this.replicaTimeline = new ReplicaTimeline(connections, timelines);
    }

    Facts look(Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        var directory = data.look();
        var process = postmaster.look();
        var found = ask(process, deadline);
        var control = directory.control().map(ControlFile::facts);
        boolean standbySignal = Files.exists(paths.standbySignal());
        long pid = process.alive().map(PostmasterLook.Alive::pid).orElse(0L);
        var said = found.said();
        return new Facts(
                directory.state(),
                control,
                found.answer(),
                pid,
                role(found, directory.state(), standbySignal),
                said.flatMap(s -> position(pid, s, control, deadline)),
                said.map(HeldSession.Answer::senders).orElse(List.of()),
                said.map(HeldSession.Answer::slots).orElse(Map.of()),
                configuredUpstream(),
                said.map(HeldSession.Answer::standbyNames).orElse(""),
                storage(directory.control()),
                standbySignal,
                settingsChanged.getAsBoolean(),
                said.flatMap(HeldSession.Answer::startedAt)
                        .or(() -> process.alive().flatMap(PostmasterLook.Alive::startedAt)),
                said.flatMap(HeldSession.Answer::replayedAt),
                said.map(HeldSession.Answer::serverVersion).orElse(0),
                said.map(HeldSession.Answer::pending).orElse(Map.of()));
    }

    private ServerLook.Found ask(PostmasterLook.Found process, long deadline) {
        if (process.alive().isPresent()) {
            return server.look(process.alive().get(), deadline);
        }
        server.close();
        // Orphans notice within milliseconds that the postmaster died; until the last has gone nothing may be started
        // or judged.
        return ServerLook.Found.of(process.orphans() ? Answer.STOPPING : Answer.NO_POSTMASTER);
    }

    /** What the server says; of one that does not speak, how the files would start it, and promotion removes the signal at once. */
    private PostgresRole role(ServerLook.Found found, DataDirectory state, boolean standbySignal) {
        if (found.said().isPresent()) {
            return found.said().get().inRecovery() ? PostgresRole.REPLICA : PostgresRole.PRIMARY;
        }
        if (found.answer() == Answer.ANSWERED || state != DataDirectory.PRESENT) {
            return PostgresRole.UNKNOWN;
        }
        return standbySignal || Files.exists(paths.recoverySignal()) ? PostgresRole.REPLICA : PostgresRole.PRIMARY;
    }

    private Optional<WalPosition> position(
            long pid, HeldSession.Answer said, Optional<ControlFacts> control, long deadline) {
        if (!said.inRecovery()) {
            return said.timeline()
                    .flatMap(timeline -> said.flushed()
                            .map(lsn -> new WalPosition(
                                    timeline,
                                    lsn,
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty(),
                                    ReplicationState.NONE,
                                    false)));
        }
        Optional<Timeline> timeline = replicaTimeline.of(pid, said, control.map(ControlFacts::timeline), deadline);
        Optional<Lsn> written = newest(said.received(), said.replayed());
        return timeline.flatMap(t -> written.map(lsn -> new WalPosition(
                t,
                lsn,
                said.received(),
                said.replayed(),
                said.receiver().flatMap(HeldSession.Receiver::leaderEnd),
                said.replicationState(),
                said.replayPaused())));
    }

    private static Optional<Lsn> newest(Optional<Lsn> a, Optional<Lsn> b) {
        return a.isEmpty() || b.filter(lsn -> lsn.isAfter(a.get())).isPresent() ? b : a;
    }

    /** {@code java.io.File} asks the kernel directly, without reading the table of mounts each time; 0 of 0 means that it could not. */
    private StorageView storage(Optional<ControlFile> control) {
        File wal = paths.wal().toFile();
        long segment = control.map(c -> (long) c.segmentBytes()).orElse(16L << 20);
        Optional<Long> free = wal.getTotalSpace() == 0 ? Optional.empty() : Optional.of(wal.getUsableSpace());
        return new StorageView(free, 2 * segment + BIT_MORE_BYTES);
    }

    private Optional<Upstream> configuredUpstream() {
        try {
            var attributes = Files.readAttributes(paths.mainFile(), BasicFileAttributes.class);
            long modified = attributes.lastModifiedTime().toMillis();
            var key = Optional.ofNullable(attributes.fileKey());
            boolean same = upstream.filter(s -> s.modified() == modified
                            && s.size() == attributes.size()
                            && s.key().equals(key))
                    .isPresent();
            if (!same || System.currentTimeMillis() - modified <= STAMP_SETTLES_MS) {
                var read = upstreamOf.apply(Files.readString(paths.mainFile(), StandardCharsets.UTF_8));
                upstream = Optional.of(new Stamped(modified, attributes.size(), key, read));
            }
            return upstream.flatMap(Stamped::upstream);
        } catch (IOException e) {
            upstream = Optional.empty();
            return Optional.empty();
        }
    }

    /** What is still known when a look did not come back; touches nothing that could hang. */
    static Facts unanswered(Optional<Facts> last) {
        long pid = last.map(Facts::postmasterPid).orElse(0L);
        boolean none = last.filter(f -> f.answer() == Answer.NO_POSTMASTER).isPresent();
        return new Facts(
                DataDirectory.UNKNOWN,
                last.flatMap(Facts::control),
                none ? Answer.NO_POSTMASTER : Answer.SILENT,
                pid,
                PostgresRole.UNKNOWN,
                Optional.empty(),
                List.of(),
                Map.of(),
                last.flatMap(Facts::configuredUpstream),
                last.map(Facts::standbyNames).orElse(""),
                StorageView.UNKNOWN,
                last.map(Facts::standbySignal).orElse(false),
                false,
                last.flatMap(Facts::startedAt),
                Optional.empty(),
                last.map(Facts::serverVersion).orElse(0),
                Map.of());
    }

    void close() {
        server.close();
    }
}
