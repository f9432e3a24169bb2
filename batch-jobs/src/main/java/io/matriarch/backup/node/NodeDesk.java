package io.matriarch.backup.node;

import io.matriarch.backup.NodeTasks;
import io.matriarch.backup.node.NodeWork.Means;
import io.matriarch.backup.node.TokenGuard.StaleTokenException;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.BackupFacts.NodeSide;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.jboss.logging.Logger;

/** Where managers command this node. Apart from the HA loop: it has threads of its own, which are there only while something is to be done. */
@ApplicationScoped
public class NodeDesk implements NodeTasks {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    /** Longer than a read of the repository waits. */
    private static final Duration PATIENCE = Duration.ofSeconds(45);

    private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,80}");
    private static final Pattern SOURCE = Pattern.compile("https?://[^/?#\\s@]+");
    private static final String RECORD = "newest-manager.json";

    private final BackupFacts cluster;
    private final Iterable<NodeWork> kinds;
    private final TaskQueue queue = new TaskQueue(PATIENCE);
    private Optional<TokenGuard> guard = Optional.empty();

    /** For the container's proxy. */
    protected NodeDesk() {
        this.cluster = BackupFacts.none();
        this.kinds = List.of();
    }

    @Inject
    public NodeDesk(BackupFacts cluster, @Any Instance<NodeWork> kinds) {
        this.cluster = cluster;
        this.kinds = kinds;
    }

    private record Command(long token, String manager, URI source, NodeWork work, JsonObject order) {}

    private static final class BadCommand extends Exception {
        private static final long serialVersionUID = 1;

        BadCommand(String message) {
            super(message);
        }
    }

    @Override
    public Answer begin(String id, String body) {
        var node = cluster.node();
        if (node.isEmpty()) {
            return no(Kind.NO_NODE, "this machine runs no PostgreSQL: nothing can be done on it");
        }
        try {
            var command = command(id, body, node.get());
            guard(node.get()).accept(command.token(), command.manager());
            var kind = command.work().kind();
            var calls = cluster.calls();
            boolean isNew = queue.find(id).isEmpty();
            var begun = queue.begin(id, kind, command.token(), task -> () -> {
                var repository = new HttpRepository(command.source(), calls, task.halt()::check);
                return command.work().run(command.order(), new Means(node.get(), repository, task.halt(), task));
            });
            if (begun.isEmpty()) {
                var other = queue.running().map(NodeTask::document).orElse(Map.of());
                return no(
                        Kind.BUSY,
                        node.get().name() + " is busy with something else, one thing at a time: " + other.get("kind")
                                + ", " + other.get("doing"));
            }
            if (isNew) {
                LOG.infof("[node-task-begun] %s, for %s (token %d)", kind, command.manager(), command.token());
            }
            return new Answer(Kind.TASK, begun.get().document());
        } catch (BadCommand e) {
            return no(Kind.BAD_INPUT, String.valueOf(e.getMessage()));
        } catch (StaleTokenException e) {
            LOG.warnf("[node-task-refused] %s", e.getMessage());
            return no(Kind.STALE, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            LOG.errorf("[node-task-refused] %s", e.getMessage());
            return no(Kind.BUSY, String.valueOf(e.getMessage()));
        }
    }

    private Command command(String id, String body, NodeSide node) throws BadCommand {
        if (!ID.matcher(id).matches()) {
            throw new BadCommand("the id must be 1 to 80 letters, digits and -");
        }
        var in = Json.tryParseObject(body).orElseThrow(() -> new BadCommand("the body must be a JSON object"));
        long token = in.number("token")
                .filter(t -> t > 0)
                .orElseThrow(() -> new BadCommand("\"token\" must be the revision of the manager's lock"));
        var source = in.string("source").filter(s -> SOURCE.matcher(s).matches());
        if (source.isEmpty()) {
            throw new BadCommand("\"source\" must be the manager's address, http://HOST:PORT or https://HOST:PORT");
        }
        if (node.encrypted() && !source.get().startsWith("https:")) {
            throw new BadCommand(
                    "\"source\" must be https: this node's own interface is, and what it reads from there is no less secret");
        }
        var kind = in.string("kind").orElse("");
        var work = StreamSupport.stream(kinds.spliterator(), false)
                .filter(w -> w.kind().equals(kind))
                .findFirst()
                .orElseThrow(() -> new BadCommand("this node knows no work of the kind \"" + kind + "\""));
        return new Command(
                token,
                in.string("manager").orElse("?"),
                URI.create(source.get()),
                work,
                in.object("order").orElseThrow(() -> new BadCommand("\"order\" must be an object")));
    }

    private synchronized TokenGuard guard(NodeSide node) {
        var there = guard.orElseGet(() -> new TokenGuard(node.state().resolve(RECORD)));
        guard = Optional.of(there);
        return there;
    }

    @Override
    public Answer look(String id, Duration wait) {
        var task = queue.find(id);
        task.ifPresent(t -> t.awaitEnd(wait.compareTo(LONGEST_LOOK) < 0 ? wait : LONGEST_LOOK));
        return task.map(t -> new Answer(Kind.TASK, t.document())).orElseGet(NodeDesk::unknown);
    }

    @Override
    public Answer stop(String id, long token) {
        var task = queue.find(id);
        if (task.isEmpty()) {
            return unknown();
        }
        if (token < task.get().token()) {
            return no(Kind.STALE, "the token " + token + " is older than that of the task");
        }
        task.get().halt().ask();
        return new Answer(Kind.TASK, task.get().document());
    }

    private static Answer unknown() {
        return no(Kind.UNKNOWN, "there is no task of that id");
    }

    private static Answer no(Kind kind, String detail) {
        return new Answer(kind, Map.of("code", kind.name(), "detail", detail));
    }

    /** The programs that it started end with this server. */
    @PreDestroy
    void end() {
        queue.running().ifPresent(task -> task.halt().ask());
    }
}
