package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.adapter.postgres.PostgresTools.Command;
import io.matriarch.ha.config.ReplicaMethod;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.port.PostgresControl.Progress;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Makes a replica by one of the user's scripts ({@code create_replica_methods}), with Patroni's arguments. Such a script insists on the
 * real data directory; so what is there is moved aside first, and comes back when the script fails.
 */
final class ReplicaScript {
    private static final Logger LOG = Logger.getLogger(ReplicaScript.class);
    private static final Duration LIMIT = Duration.ofDays(7);

    private final PostgresTools tools;
    private final ConfigFiles files;

    ReplicaScript(PostgresTools tools, ConfigFiles files) {
        this.tools = tools;
        this.files = files;
    }

    /** @param system what the copy must be; proven before by asking the source */
    void run(
            PostgresSettings settings,
            ReplicaMethod method,
            Upstream source,
            SystemIdentifier system,
            Progress progress)
            throws PostgresException, InterruptedException {
        DataPlace place = DataPlace.of(settings.dataDir());
        progress.report("running " + method.name(), 0, Optional.empty());
        Optional<Path> aside = Optional.empty();
        boolean done = false;
        try {
            if (!method.keepData()) {
                aside = place.moveAside("aside", DataPlace.stamp(Instant.now()));
            }
            DurableFiles.createDirectory(place.data());
            tools.run(Command.of(method.name(), arguments(settings, method, source), LIMIT))
                    .orThrow();
            SystemIdentifier copied = ControlData.read(tools, place.data()).systemIdentifier();
            if (!copied.equals(system)) {
                throw new PostgresException(method.name() + " brought the system " + copied + " instead of " + system);
            }
            for (String file : Cloner.LEFT_OUT) {
                Files.deleteIfExists(place.data().resolve(file));
            }
            if (settings.config().configDir().equals(settings.dataDir())) {
                files.adoptBase(settings, place.data());
            }
            if (!method.keepData()) {
                UnprovenClone.mark(place.data(), settings.local().name().value());
            }
            files.forget();
            files.writeForReplica(settings, source);
            done = true;
            UnprovenClone.deleteAmong(
                    place.all("aside"), settings.local().name().value());
            LOG.infof(
                    "made a replica in %s by %s%s",
                    settings.dataDir(),
                    method.name(),
                    aside.map(path -> "; what was there before is in " + path).orElse(""));
        } catch (IOException e) {
            throw new PostgresException(method.name() + ": " + e.getMessage(), e);
        } finally {
            if (!done && !method.keepData()) {
                putBack(place, aside);
            }
        }
    }

    private static List<String> arguments(PostgresSettings settings, ReplicaMethod method, Upstream source) {
        List<String> argv = new ArrayList<>(Quoting.words(method.command()));
        if (!method.noParams()) {
            String host = source.host().contains(":") ? "[" + source.host() + "]" : source.host();
            argv.add("--scope=" + settings.local().scope().name());
            argv.add("--role=replica");
            argv.add("--datadir=" + settings.dataDir());
            argv.add("--connstring=postgres://"
                    + Quoting.uri(
                            settings.config().authentication().replication().username()) + "@" + host + ":"
                    + source.port() + "/" + Quoting.uri(settings.config().database()));
        }
        method.arguments().forEach((key, value) -> argv.add("--" + key + "=" + value));
        return argv;
    }

    /** The unfinished copy goes, what was there before comes back. */
    private static void putBack(DataPlace place, Optional<Path> aside) {
        try {
            Optional<Path> unfinished = place.moveAside("incoming", DataPlace.stamp(Instant.now()));
            if (aside.isPresent()) {
                place.takeIn(aside.get(), java.util.Map.of(), DataPlace.stamp(Instant.now()));
            }
            if (unfinished.isPresent()) {
                DurableFiles.deleteTree(unfinished.get());
            }
        } catch (IOException e) {
            LOG.errorf(e, "what was in %s before could not be put back; it is in %s", place.data(), aside);
        }
    }
}
