package io.matriarch.ha.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;

/** Reads {@code matriarch.backup.alarms}. */
final class AlarmReader {
    private static final String TOKEN = "MATRIARCH_WEBHOOK_TOKEN";
    private static final long A_DAY_S = 86_400;

    private AlarmReader() {}

    /** @param secrets reads files that nobody else may see */
    static Optional<WebhookConfig> webhook(Section backup, StoreReader secrets) {
        try (Section alarms = backup.section("alarms");
                Section webhook = alarms.section("webhook")) {
            Optional<URI> url = webhook.has("url") ? url(webhook) : Optional.empty();
            if (alarms.has("webhook") && !webhook.has("url")) {
                webhook.error("url", "is missing; allowed: http://HOST/PATH or https://HOST/PATH");
            }
            Optional<Secret> token =
                    webhook.has("url") ? secrets.optionalSecret(webhook, "token_file", TOKEN) : Optional.empty();
            webhook.accept("token_file");
            if (token.filter(t -> !t.reveal().matches("[\\x21-\\x7e]+")).isPresent()) {
                webhook.error(
                        "token_file", "holds a token that is no word of a header; allowed: visible ASCII characters");
            }
            long ping = webhook.whole("ping", "s", 0, 31 * A_DAY_S).orElse(A_DAY_S);
            if (token.isPresent()
                    && url.filter(at -> at.getScheme().equals("http")).isPresent()) {
                webhook.warn("url", "sends the token over a connection that is not encrypted; better: https");
            }
            return url.map(at -> new WebhookConfig(at, token, Duration.ofSeconds(ping)));
        }
    }

    /** Some services put a secret into the path: a wrong value is not repeated. */
    private static Optional<URI> url(Section webhook) {
        Optional<URI> url = webhook.text("url").flatMap(AlarmReader::url);
        if (url.isEmpty()) {
            webhook.error("url", "cannot be used; allowed: http://HOST/PATH or https://HOST/PATH");
        }
        return url;
    }

    private static Optional<URI> url(String text) {
        try {
            URI uri = new URI(text);
            boolean right = uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getFragment() == null
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
            return Optional.of(uri).filter(u -> right);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
