package io.matriarch.backup.alarm;

import io.matriarch.backup.ManagerBoard.Promise;
import io.matriarch.backup.ManagerBoard.Promise.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is to be told next, and when it is tried again. What changes back before it could be told is not told. Knows no clock and sends
 * nothing; used by one thread.
 */
final class Outbox {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final int MOST_DOUBLINGS = 10;

    private final String cluster;
    private final String manager;
    private final Map<String, Seen> seen = new HashMap<>();
    private final Map<String, Promise> told = new HashMap<>();
    private Optional<Instant> pinged = Optional.empty();
    private Optional<Failing> failing = Optional.empty();

    Outbox(String cluster, String manager) {
        this.cluster = cluster;
        this.manager = manager;
    }

    private record Seen(State state, Instant since) {}

    private record Failing(Instant since, int times, Instant again, String why) {}

    /**
     * One document.
     *
     * @param known promises as whoever gets it knows them then
     */
    record Message(Map<String, Object> document, List<Promise> known, boolean ping) {}

    /**
     * What to send now: first how everything stands, then each change.
     *
     * @param promises as they were judged last
     * @param every how often it is told how everything stands; zero: only once, by the one that was just elected
     */
    Optional<Message> next(List<Promise> promises, Duration every, Instant now) {
        for (var promise : promises) {
            seen.merge(promise.name(), new Seen(promise.state(), now), (a, b) -> a.state() == b.state() ? a : b);
        }
        if (failing.filter(f -> isAhead(f.again(), LONGEST_PAUSE, now)).isPresent()) {
            return Optional.empty();
        }
        boolean due = pinged.filter(at -> every.isZero() || isAhead(at.plus(every), every, now))
                .isEmpty();
        return due
                ? Optional.of(ping(promises, now))
                : promises.stream()
                        .filter(p -> !isTold(p))
                        .findFirst()
                        .map(p -> new Message(document("change", p), List.of(p), false));
    }

    /** Further ahead than was ever set, it lies behind a clock that was put back meanwhile: alarms do not wait for that. */
    private static boolean isAhead(Instant moment, Duration most, Instant now) {
        return now.isBefore(moment) && !now.plus(most).isBefore(moment);
    }

    /** One that is broken for another reason than they know is told again; one that is kept need not be told first. */
    private boolean isTold(Promise promise) {
        return Optional.ofNullable(told.get(promise.name()))
                .map(promise::standsAs)
                .orElse(promise.state() == State.KEPT);
    }

    private Message ping(List<Promise> promises, Instant now) {
        var out = head("ping");
        out.put("at", now.toString());
        var all = new ArrayList<Object>();
        for (var promise : promises) {
            all.add(facts(promise));
        }
        out.put("promises", all);
        return new Message(out, promises, true);
    }

    private Map<String, Object> document(String kind, Promise promise) {
        var out = head(kind);
        out.putAll(facts(promise));
        return out;
    }

    private Map<String, Object> head(String kind) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("kind", kind);
        out.put("cluster", cluster);
        out.put("manager", manager);
        return out;
    }

    private Map<String, Object> facts(Promise promise) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("promise", promise.name());
        out.put("state", promise.state().name());
        Optional.ofNullable(seen.get(promise.name()))
                .ifPresent(s -> out.put("since", s.since().toString()));
        out.put("sentence", promise.sentence());
        return out;
    }

    /** It was taken. */
    void delivered(Message message, Instant now) {
        message.known().forEach(promise -> told.put(promise.name(), promise));
        failing = Optional.empty();
        if (message.ping()) {
            pinged = Optional.of(now);
        }
    }

    /** It was not: it is tried again later, each time after twice as long. */
    void failed(String why, Instant now) {
        int times = failing.map(Failing::times).orElse(0);
        var pause = FIRST_PAUSE.multipliedBy(1L << Math.min(times, MOST_DOUBLINGS));
        failing = Optional.of(new Failing(
                failing.map(Failing::since).orElse(now),
                times + 1,
                now.plus(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause),
                why));
    }

    /** Whether who is to be told can be told. */
    Promise channel(String where) {
        return failing.map(f -> new Promise(
                        Alarms.CHANNEL,
                        State.BROKEN,
                        "alarms do not reach " + where + " since " + f.since() + " (" + f.times() + " tries): "
                                + f.why()))
                .orElseGet(() -> new Promise(
                        Alarms.CHANNEL,
                        pinged.isPresent() ? State.KEPT : State.UNKNOWN,
                        pinged.isPresent() ? "alarms reach " + where : "nothing was sent to " + where + " yet"));
    }
}
