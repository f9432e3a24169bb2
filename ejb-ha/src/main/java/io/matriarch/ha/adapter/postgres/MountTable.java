package io.matriarch.ha.adapter.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells an empty data directory from the bare mount point of a volume that is not there: what the machine is configured to mount against
 * what is mounted. An initdb or a clone into a bare mount point would vanish under the volume, or fill the root file system.
 */
final class MountTable {
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

    private final Path fstab;
    private final Path units;
    private final Path mounts;

    MountTable() {
        this(Path.of("/etc/fstab"), Path.of("/etc/systemd/system"), Path.of("/proc/self/mounts"));
    }

    MountTable(Path fstab, Path units, Path mounts) {
        this.fstab = fstab;
        this.units = units;
        this.mounts = mounts;
    }

    /** Whether {@code path} or a directory above it should be a mount point, and is none. Reads small files. */
    boolean isMissingAt(Path path) throws IOException {
        Set<Path> wanted = configured();
        wanted.removeAll(column(mounts, 1));
        for (Path p = path.toAbsolutePath().normalize(); p != null; p = p.getParent()) {
            if (wanted.contains(p)) {
                return true;
            }
        }
        return false;
    }

    private Set<Path> configured() throws IOException {
        var wanted = new HashSet<Path>();
        if (Files.isReadable(fstab)) {
            wanted.addAll(column(fstab, 1));
        }
        if (Files.isDirectory(units)) {
            try (var files = Files.newDirectoryStream(units, "*.mount")) {
                for (Path unit : files) {
                    for (String line : Files.readAllLines(unit, StandardCharsets.UTF_8)) {
                        if (line.startsWith("Where=/")) {
                            wanted.add(Path.of(line.substring("Where=".length()).strip())
                                    .normalize());
                        }
                    }
                }
            }
        }
        wanted.remove(Path.of("/"));
        return wanted;
    }

    private static Set<Path> column(Path file, int index) throws IOException {
        var paths = new HashSet<Path>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            String[] fields = line.strip().split("\\s+");
            if (!line.isBlank()
                    && !line.stripLeading().startsWith("#")
                    && fields.length > index
                    && fields[index].startsWith("/")) {
                paths.add(Path.of(unescaped(fields[index])).normalize());
            }
        }
        return paths;
    }

    private static String unescaped(String field) {
        return OCTAL.matcher(field)
                .replaceAll(m -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(m.group(1), 8))));
    }
}
