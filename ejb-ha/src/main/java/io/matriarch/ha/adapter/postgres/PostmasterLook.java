package io.matriarch.ha.adapter.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Whether the postmaster of a data directory lives, by {@code postmaster.pid} and {@code /proc}. A zombie is dead, a process that merely
 * got the same number is not it, and a postmaster that was seen once is followed even if its pid file vanishes. Not thread safe.
 */
final class PostmasterLook {
    private static final long TICKS_PER_SECOND = 100;
    private static final Duration CLOCK_SLACK = Duration.ofSeconds(60);

    private final PgPaths paths;
    private final Path proc;
    private Optional<Identity> known = Optional.empty();

    PostmasterLook(PgPaths paths, Path proc) {
        this.paths = paths;
        this.proc = proc;
    }

    /**
     * A living postmaster.
     *
     * @param startedAt as it says itself; empty when its file could not be read
     * @param stopping it was asked to stop
     * @param frozen the kernel shows it as stopped: it answers nobody
     */
    record Alive(long pid, Optional<Instant> startedAt, boolean stopping, boolean frozen) {}

    /** What was found; {@code orphans}: it is dead, but children of it are still attached to its shared memory. */
    record Found(Optional<Alive> alive, boolean orphans) {}

    private record Identity(long pid, long startTicks) {}

    private record PidFile(long pid, Instant startedAt, Optional<SharedMemory> sharedMemory, boolean stopping) {}

    /** Its key comes from the data directory: after a reboot another PostgreSQL may own the same id, but not the same key. */
    private record SharedMemory(int key, long id) {}

    private record ProcStat(char state, long startTicks) {
        boolean isDead() {
            return state == 'Z' || state == 'X' || state == 'x';
        }
    }

    Found look() {
        Optional<PidFile> file = readPidFile();
        if (file.isPresent()) {
            Optional<ProcStat> stat = stat(file.get().pid()).filter(s -> !s.isDead());
            if (stat.isPresent() && isOurs(file.get(), stat.get())) {
                known = Optional.of(new Identity(file.get().pid(), stat.get().startTicks()));
                return found(file.get().pid(), Optional.of(file.get()), stat.get());
            }
        }
        Optional<Identity> before = known;
        if (before.isPresent()) {
            long pid = before.get().pid();
            Optional<ProcStat> stat = stat(pid)
                    .filter(s -> !s.isDead() && s.startTicks() == before.get().startTicks());
            if (stat.isPresent()) {
                return found(pid, file.filter(f -> f.pid() == pid), stat.get());
            }
            known = Optional.empty();
        }
        return new Found(
                Optional.empty(),
                file.flatMap(PidFile::sharedMemory).filter(this::isAttached).isPresent());
    }

    private static Found found(long pid, Optional<PidFile> file, ProcStat stat) {
        boolean frozen = stat.state() == 'T' || stat.state() == 't';
        return new Found(
                Optional.of(new Alive(
                        pid,
                        file.map(PidFile::startedAt),
                        file.filter(PidFile::stopping).isPresent(),
                        frozen)),
                false);
    }

    private Optional<PidFile> readPidFile() {
        try {
            List<String> lines = Files.readAllLines(paths.postmasterPid(), StandardCharsets.UTF_8);
            if (lines.size() < 3) {
                return Optional.empty();
            }
            long pid = Long.parseLong(lines.get(0).strip());
            // A negative number is a single-user backend: no postmaster.
            return pid <= 0
                    ? Optional.empty()
                    : Optional.of(new PidFile(
                            pid,
                            Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip())),
                            lines.size() > 6 ? sharedMemory(lines.get(6)) : Optional.empty(),
                            lines.size() > 7 && lines.get(7).strip().equals("stopping")));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<SharedMemory> sharedMemory(String line) {
        String[] fields = line.strip().split("\\s+");
        return fields.length == 2
                // PostgreSQL prints a negative key as the unsigned 64 bits of it.
                ? Optional.of(
                        new SharedMemory((int) Long.parseUnsignedLong(fields[0]), Long.parseUnsignedLong(fields[1])))
                : Optional.empty();
    }

    private Optional<ProcStat> stat(long pid) {
        try {
            String text =
                    Files.readString(proc.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.ISO_8859_1);
            // The name stands in parentheses and may itself hold blanks and parentheses.
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
            return Optional.of(new ProcStat(fields[0].charAt(0), Long.parseLong(fields[19])));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** A postmaster works in its data directory; where that cannot be seen, its start must fit what its file says. */
    private boolean isOurs(PidFile file, ProcStat stat) {
        if (known.filter(k -> k.pid() == file.pid() && k.startTicks() == stat.startTicks())
                .isPresent()) {
            return true;
        }
        try {
            Path cwd = Files.readSymbolicLink(
                    proc.resolve(Long.toString(file.pid())).resolve("cwd"));
            return cwd.equals(paths.dataDir().toRealPath());
        } catch (NoSuchFileException e) {
            return false;
        } catch (AccessDeniedException e) {
            return startFits(file, stat);
        } catch (IOException e) {
            return startFits(file, stat);
        }
    }

    private boolean startFits(PidFile file, ProcStat stat) {
        try {
            long booted = Files.readAllLines(proc.resolve("stat"), StandardCharsets.ISO_8859_1).stream()
                    .filter(line -> line.startsWith("btime "))
                    .mapToLong(line ->
                            Long.parseLong(line.substring("btime ".length()).strip()))
                    .findFirst()
                    .orElse(0);
            Instant started = Instant.ofEpochSecond(booted + stat.startTicks() / TICKS_PER_SECOND);
            return Duration.between(started, file.startedAt()).abs().compareTo(CLOCK_SLACK) <= 0;
        } catch (IOException | NumberFormatException e) {
            // Not known: a second postmaster must not be started beside one that may be it.
            return true;
        }
    }

    private boolean isAttached(SharedMemory segment) {
        try {
            return Files.readAllLines(proc.resolve("sysvipc").resolve("shm"), StandardCharsets.ISO_8859_1).stream()
                    .skip(1)
                    .map(line -> line.strip().split("\\s+"))
                    .anyMatch(f -> f.length > 6
                            && (int) Long.parseLong(f[0]) == segment.key()
                            && Long.parseLong(f[1]) == segment.id()
                            && Long.parseLong(f[6]) > 0);
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }
}
