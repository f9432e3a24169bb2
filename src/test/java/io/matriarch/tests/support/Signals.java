package io.matriarch.tests.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Signals to processes that the tests themselves started, and what {@code /proc} says about them. */
public final class Signals {
    private Signals() {}

    /**
     * Sends one signal to all given processes with a single command, so that they are hit as nearly at once as can be.
     */
    public static void send(String signal, Collection<Long> pids) {
        if (pids.isEmpty()) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        pids.forEach(pid -> command.add(Long.toString(pid)));
        Command.tryRun(command);
    }

    /** Sends one signal to one process. */
    public static void send(String signal, long pid) {
        send(signal, List.of(pid));
    }

    /** Whether the process runs; a zombie does not. */
    public static boolean alive(long pid) {
        return state(pid).map(state -> state != 'Z' && state != 'X').orElse(false);
    }

    /** Whether the process is stopped by a signal. */
    public static boolean frozen(long pid) {
        return state(pid).map(state -> state == 'T').orElse(false);
    }

    /** The process and all that descend from it, the process itself first. */
    public static List<Long> tree(long pid) {
        List<Long> pids = new ArrayList<>();
        pids.add(pid);
        ProcessHandle.of(pid).ifPresent(h -> h.descendants().forEach(d -> pids.add(d.pid())));
        return pids;
    }

    /** The number on the first line of a pid file, if the file is there and its process runs. */
    public static OptionalLong fromPidFile(Path file) {
        try {
            String first = Files.readAllLines(file).stream()
                    .findFirst()
                    .orElse("")
                    .trim()
                    .split("\\s+")[0];
            long pid = Long.parseLong(first);
            return alive(pid) ? OptionalLong.of(pid) : OptionalLong.empty();
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** What the process calls itself in the process list; empty when it is gone. */
    public static String title(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"))
                    .replace('\0', ' ')
                    .strip();
        } catch (IOException gone) {
            return "";
        }
    }

    /** Processor time of a process so far, in clock ticks of 1/100 s; 0 when it is gone. */
    public static long cpuTicks(long pid) {
        return stat(pid)
                .map(fields -> Long.parseLong(fields[11]) + Long.parseLong(fields[12]))
                .orElse(0L);
    }

    /** Resident memory of a process in KiB; 0 when it is gone. */
    public static long residentKib(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException gone) {
            return 0;
        }
    }

    private static Optional<Character> state(long pid) {
        return stat(pid).map(fields -> fields[0].charAt(0));
    }

    /** The fields of {@code /proc/PID/stat} after the command name; the first is the state. */
    private static Optional<String[]> stat(long pid) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return Optional.of(line.substring(line.lastIndexOf(')') + 2).split(" "));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
