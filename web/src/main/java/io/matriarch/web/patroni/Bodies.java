package io.matriarch.web.patroni;

import io.matriarch.ha.api.RestartRequest;
import io.matriarch.ha.api.Sizes;
import io.matriarch.ha.api.SwitchoverRequest;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.MemberName;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Requests out of JSON bodies. What is wrong is said in one sentence. */
final class Bodies {
    private static final Set<String> RESTART_KEYS =
            Set.of("schedule", "role", "postgres_version", "timeout", "restart_pending");
    private static final Set<String> ROLES = Set.of("primary", "standby_leader", "replica");
    private static final Pattern VERSION = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})(?:\\.(\\d{1,3}))?");
    private static final int FIRST_TWO_PART_MAJOR = 10;

    private Bodies() {}

    /** A request, or why there is none. */
    sealed interface Parsed<T> {
        record Ok<T>(T value) implements Parsed<T> {}

        record Wrong<T>(int status, String why) implements Parsed<T> {}
    }

    static SwitchoverRequest switchover(boolean planned, JsonObject body) {
        return new SwitchoverRequest(
                planned,
                name(body, "leader"),
                name(body, "candidate").or(() -> name(body, "member")),
                body.string("scheduled_at").filter(s -> !s.isBlank()));
    }

    private static Optional<MemberName> name(JsonObject body, String key) {
        return body.string(key).filter(s -> !s.isBlank()).map(MemberName::new);
    }

    static Parsed<RestartRequest> restart(JsonObject body) {
        for (String key : body.values().keySet()) {
            if (!RESTART_KEYS.contains(key)) {
                return wrong("Unknown filter for restart: '" + key + "'");
            }
        }
        if (body.get("schedule").isPresent()) {
            return wrong("Scheduled restarts are not supported: restart now, or schedule this call");
        }
        Optional<String> role = body.get("role").map(String::valueOf);
        if (role.filter(r -> !ROLES.contains(r)).isPresent()) {
            return wrong("Role must be one of primary, standby_leader, replica");
        }
        Optional<String> version = body.get("postgres_version").map(String::valueOf);
        Optional<Integer> olderThan = version.flatMap(Bodies::versionNumber);
        if (version.isPresent() && olderThan.isEmpty()) {
            return wrong("PostgreSQL version should be in the X.Y (X.Y.Z) format");
        }
        Optional<String> timeout = body.get("timeout").map(String::valueOf);
        OptionalLong seconds = timeout.map(Sizes::seconds).orElse(OptionalLong.empty());
        if (timeout.isPresent() && (seconds.isEmpty() || seconds.getAsLong() <= 0)) {
            return wrong("Timeout should be a positive number of seconds");
        }
        return new Parsed.Ok<>(new RestartRequest(
                role,
                olderThan,
                body.has("restart_pending"),
                seconds.isPresent() ? Optional.of(Duration.ofSeconds(seconds.getAsLong())) : Optional.empty()));
    }

    private static Optional<Integer> versionNumber(String text) {
        Matcher m = VERSION.matcher(text.strip());
        if (!m.matches()) {
            return Optional.empty();
        }
        int major = Integer.parseInt(m.group(1));
        int second = Integer.parseInt(m.group(2));
        int third = m.group(3) == null ? 0 : Integer.parseInt(m.group(3));
        return Optional.of(
                major < FIRST_TWO_PART_MAJOR ? major * 10000 + second * 100 + third : major * 10000 + second);
    }

    private static <T> Parsed<T> wrong(String why) {
        return new Parsed.Wrong<>(400, why);
    }
}
