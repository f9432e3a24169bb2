package io.matriarch.tests.support;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The programs that a manager runs, each behind a gate: an armed one waits at a certain point until it is let go, so that a kill hits exactly
 * there. What is not armed is run as it is.
 */
public final class Gates {
    /** Programs that are found by the search path, besides PostgreSQL's own. */
    private static final List<String> OTHERS = List.of("tar", "zstd", "touch", "mkdir", "cp", "rm");

    private final Path directory;

    /** Where a program waits. */
    public enum Where {
        BEFORE,
        /** After it was given the first part of its input only, and ended. */
        HALF,
        AFTER,
        /** It does not wait: a copy that is throttled, so that it is met in its midst. */
        THROTTLED
    }

    private Gates(Path directory) {
        this.directory = directory;
    }

    /** Makes a directory of such programs. */
    public static Gates in(Path directory) {
        var gates = new Gates(directory);
        Workplace.ownedByPostgres(directory);
        try (Stream<Path> programs = Files.list(Workplace.postgresBin())) {
            var all = new ArrayList<>(programs.toList());
            OTHERS.forEach(name -> all.add(Path.of("/usr/bin", name)));
            for (Path program : all) {
                gates.write(program);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make gates in " + directory, e);
        }
        return gates;
    }

    private void write(Path program) throws IOException {
        Path gate = directory.resolve(program.getFileName().toString());
        Files.writeString(gate, """
                #!/bin/sh
                real=%1$s gate=%2$s where=''
                hold() { echo $$ >"$gate.reached"; read -r _ <"$gate.fifo"; }
                if [ -f "$gate.hold" ]; then
                  { read -r where; read -r pattern; } <"$gate.hold"
                  case "$PWD $*" in *"$pattern"*) ;; *) where='' ;; esac
                fi
                case $where in
                  BEFORE) hold ;;
                  HALF) head -c 2000000 | "$real" "$@"; hold; exit 1 ;;
                  AFTER) "$real" "$@"; status=$?; hold; exit $status ;;
                  THROTTLED) set -- "$@" --max-rate=1M; echo $$ >"$gate.reached" ;;
                esac
                exec "$real" "$@"
                """.formatted(program, gate));
        Files.setPosixFilePermissions(gate, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Where PostgreSQL's programs are, and the first place to look for the others. */
    public Path directory() {
        return directory;
    }

    /** From now on the program waits if its working directory and arguments hold {@code pattern}. */
    public void arm(String program, Where where, String pattern) {
        try {
            Path fifo = file(program, "fifo");
            if (!Files.exists(fifo)) {
                Command.run("mkfifo", "-m", "666", fifo.toString());
            }
            // At once, whole: programs read it at any time.
            Path hold = Files.writeString(file(program, "arming"), where + "\n" + pattern + "\n");
            Files.move(hold, file(program, "hold"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot arm " + program, e);
        }
    }

    /** Whether the program waits, or once waited, since it was armed. */
    public boolean reached(String program) {
        return Files.exists(file(program, "reached"));
    }

    /** Disarms all, and lets go what waits. */
    public void open() {
        try (Stream<Path> files = Files.list(directory)) {
            var all = files.toList();
            delete(all, ".hold");
            for (Path fifo :
                    all.stream().filter(f -> f.toString().endsWith(".fifo")).toList()) {
                // For reading and writing, which does not wait for a reader; what was written stays for one that waits.
                try (var pipe = new RandomAccessFile(fifo.toFile(), "rw")) {
                    pipe.write('\n');
                }
            }
            delete(all, ".fifo");
            delete(all, ".reached");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the gates in " + directory, e);
        }
    }

    private static void delete(List<Path> files, String ending) throws IOException {
        for (Path file :
                files.stream().filter(f -> f.toString().endsWith(ending)).toList()) {
            Files.deleteIfExists(file);
        }
    }

    private Path file(String program, String ending) {
        return directory.resolve(program + "." + ending);
    }
}
