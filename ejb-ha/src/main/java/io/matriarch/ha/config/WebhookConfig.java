package io.matriarch.ha.config;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Who is told of alarms, from {@code matriarch.backup.alarms.webhook} of a manager's file.
 *
 * @param url that takes a JSON document by POST; to be treated as a secret, since some services put one into its path
 * @param token sent as {@code Authorization: Bearer}
 * @param ping how often it is told that all is well, so that silence is an alarm too; zero: never
 */
public record WebhookConfig(URI url, Optional<Secret> token, Duration ping) {

    /** Where it goes, without what may be secret. */
    public String where() {
        return url.getScheme() + "://" + url.getAuthority();
    }

    @Override
    public String toString() {
        return where();
    }
}
