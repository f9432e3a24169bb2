package io.matriarch.web.patroni;

import java.util.Set;

/** The health question that a path asks, matched in Patroni's order: some by a word anywhere in the path, the last ones exactly. */
enum HealthEndpoint {
    STANDBY_LEADER(false),
    LEADER(false),
    PRIMARY(false),
    REPLICA(true),
    READ_ONLY(true),
    HEALTH(true),
    SYNC(true),
    QUORUM(true),
    ASYNC(true),
    READ_ONLY_QUORUM(true),
    READ_ONLY_SYNC(true),
    /** Every other path: never healthy. */
    OTHER(true);

    private static final Set<String> SYNC_PATHS = Set.of("/sync", "/synchronous");
    private static final Set<String> ASYNC_PATHS = Set.of("/async", "/asynchronous");
    private static final Set<String> READ_ONLY_SYNC_PATHS = Set.of("/read-only-sync", "/read-only-synchronous");

    private final boolean asksForTags;

    HealthEndpoint(boolean asksForTags) {
        this.asksForTags = asksForTags;
    }

    /** Whether {@code tag_<key>=} of the query counts. */
    boolean asksForTags() {
        return asksForTags;
    }

    static HealthEndpoint of(String path) {
        if (path.contains("standby_leader") || path.contains("standby-leader")) {
            return STANDBY_LEADER;
        }
        if (path.contains("leader")) {
            return LEADER;
        }
        if (path.equals("/") || path.contains("primary") || path.contains("master") || path.contains("read-write")) {
            return PRIMARY;
        }
        if (path.contains("replica")) {
            return REPLICA;
        }
        if (path.contains("read-only") && !path.contains("sync") && !path.contains("quorum")) {
            return READ_ONLY;
        }
        return path.contains("health") ? HEALTH : exact(path);
    }

    private static HealthEndpoint exact(String path) {
        if (SYNC_PATHS.contains(path)) {
            return SYNC;
        }
        if (ASYNC_PATHS.contains(path)) {
            return ASYNC;
        }
        if (READ_ONLY_SYNC_PATHS.contains(path)) {
            return READ_ONLY_SYNC;
        }
        return switch (path) {
            case "/quorum" -> QUORUM;
            case "/read-only-quorum" -> READ_ONLY_QUORUM;
            default -> OTHER;
        };
    }
}
