package io.matriarch.ha.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The member's own configuration as it holds now: read when the agent starts, read again when somebody asks for a reload. Thread safe.
 */
public final class MemberConfig {
    private final ConfigLoader loader;
    private final Path file;
    private final List<Consumer<LocalConfig>> users = new ArrayList<>();
    private volatile ConfigLoader.Loaded loaded;

    /**
     * Reads the file. Blocks for that.
     *
     * @param file or a directory of files
     * @throws ConfigException when it cannot be used
     */
    public MemberConfig(ConfigLoader loader, Path file) {
        this.loader = loader;
        this.file = file;
        this.loaded = loader.load(file);
    }

    /** What holds now. */
    public LocalConfig now() {
        return loaded.config();
    }

    /**
     * Tells {@code user} of each reload from now on, on the thread that reloads; also when the file is as it was, for it may name others
     * (certificates) that are not.
     */
    public synchronized void onChange(Consumer<LocalConfig> user) {
        users.add(user);
    }

    /** What became of a reload. */
    public sealed interface Reloaded {
        /**
         * It was read and holds now.
         *
         * @param changed sections in which something changed
         * @param needRestart keys that only a restart of the agent changes; their old values hold until then
         * @param warnings doubtful, but no reason to refuse it; also of files that it names and that cannot be used now
         */
        record Taken(List<String> changed, List<String> needRestart, List<Problem> warnings) implements Reloaded {}

        /** It has faults; what held before still holds. */
        record Refused(List<Problem> problems) implements Reloaded {
            /** For the operator: that it does not hold, and each fault on a line of its own. */
            @Override
            public String toString() {
                return "the configuration cannot be used, the old one still holds:\n"
                        + problems.stream().map(Problem::toString).collect(Collectors.joining("\n"));
            }
        }
    }

    /**
     * Reads the file again and takes what can change while the agent runs. Blocks for reading files. What is wrong with it changes
     * nothing.
     */
    public synchronized Reloaded reload() {
        try {
            var read = loader.reload(file, loaded);
            loaded = read.loaded();
            var warnings = new ArrayList<>(read.loaded().warnings());
            users.forEach(user -> tell(user, warnings));
            return new Reloaded.Taken(read.changed(), read.needRestart(), warnings);
        } catch (ConfigException e) {
            return new Reloaded.Refused(e.problems());
        }
    }

    /** A certificate that is just being replaced must not keep the others from what changed. */
    private void tell(Consumer<LocalConfig> user, List<Problem> warnings) {
        try {
            user.accept(now());
        } catch (IllegalArgumentException e) {
            warnings.add(Problem.warning(
                    "", "what was used before is used on, reload once more: " + e.getMessage(), Location.NOWHERE));
        }
    }
}
