package io.matriarch.backup.alarm;

import io.matriarch.backup.ManagerBoard;
import io.matriarch.backup.ManagerBoard.Promise;
import io.matriarch.ha.config.WebhookConfig;
import io.matriarch.ha.json.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Tells a webhook, while this manager is the elected one, how the promises stand. One thread of its own calls {@link #turn}, so that nobody
 * waits for whoever is slow to listen; anybody may ask for the {@link #channel}.
 */
public final class Alarms {
    /** The name of the promise that alarms reach who is to hear them. */
    public static final String CHANNEL = "alarms";

    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    private static final Duration BOUND = Duration.ofSeconds(10);

    private final String manager;
    private final Supplier<Optional<WebhookConfig>> webhook;
    private final Supplier<Optional<String>> cluster;
    private final ManagerBoard board;
    private final Clock clock;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(BOUND)
            .build();
    private Optional<Outbox> outbox = Optional.empty();
    private Optional<URI> receiver = Optional.empty();
    private boolean reaches = true;
    private volatile Optional<Promise> channel = Optional.empty();

    /**
     * @param webhook who is told; empty: nobody
     * @param cluster its name, while this machine is configured
     * @param board where the promises stand; it holds none while another manager is elected
     */
    public Alarms(
            String manager,
            Supplier<Optional<WebhookConfig>> webhook,
            Supplier<Optional<String>> cluster,
            ManagerBoard board,
            Clock clock) {
        this.manager = manager;
        this.webhook = webhook;
        this.cluster = cluster;
        this.board = board;
        this.clock = clock;
    }

    /** Whether alarms reach the webhook; empty where there is none, or another manager tells it. Does not block. */
    public Optional<Promise> channel() {
        return channel;
    }

    /** One turn: sends what is due. Blocks for as long as the webhook takes for one answer, at most ten seconds. */
    public void turn() {
        var to = webhook.get();
        var promises =
                board.promises().stream().filter(p -> !p.name().equals(CHANNEL)).toList();
        if (to.isEmpty() || promises.isEmpty()) {
            outbox = Optional.empty();
            channel = Optional.empty();
            return;
        }
        // Another one knows nothing of what the one before was told.
        var box = outbox.filter(b -> receiver.filter(to.get().url()::equals).isPresent())
                .orElseGet(() -> new Outbox(cluster.get().orElse(""), manager));
        outbox = Optional.of(box);
        receiver = Optional.of(to.get().url());
        send(to.get(), box, promises);
        channel = Optional.of(box.channel(to.get().where()));
    }

    private void send(WebhookConfig to, Outbox box, List<Promise> promises) {
        var message = box.next(promises, to.ping(), clock.instant());
        if (message.isEmpty()) {
            return;
        }
        var failure = post(to, Json.compact(message.get().document()));
        if (failure.isEmpty()) {
            box.delivered(message.get(), clock.instant());
        } else {
            box.failed(failure.get(), clock.instant());
        }
        if (failure.isEmpty() != reaches) {
            reaches = failure.isEmpty();
            if (reaches) {
                LOG.infof("[alarms] %s takes alarms again", to.where());
            } else {
                LOG.errorf("[alarms] %s does not take alarms: %s", to.where(), failure.orElse(""));
            }
        }
    }

    /** Why it was not taken; never with the path of the address, which may be a secret. */
    private Optional<String> post(WebhookConfig to, String json) {
        var request = HttpRequest.newBuilder(to.url())
                .timeout(BOUND)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json));
        to.token().ifPresent(token -> request.header("Authorization", "Bearer " + token.reveal()));
        var answer = client.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
        try {
            // The request's own bound ends with the head of the answer.
            int status = answer.get(BOUND.toMillis(), TimeUnit.MILLISECONDS).statusCode();
            return status >= 200 && status < 300 ? Optional.empty() : Optional.of("it answered with status " + status);
        } catch (TimeoutException e) {
            answer.cancel(true);
            return Optional.of("no whole answer within " + BOUND.toSeconds() + " s");
        } catch (ExecutionException e) {
            var cause = Optional.ofNullable(e.getCause()).orElse(e);
            var said = cause.getMessage();
            return Optional.of(cause.getClass().getSimpleName() + (said == null ? "" : ": " + said));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("it was interrupted");
        }
    }
}
