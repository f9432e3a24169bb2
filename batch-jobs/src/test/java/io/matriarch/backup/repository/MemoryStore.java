package io.matriarch.backup.repository;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A store in memory whose answers can be lost, and that can be out of reach. */
public final class MemoryStore implements ObjectStore {
    private record Stored(byte[] content, Instant at, String writer) {}

    private final Map<String, Stored> objects = new ConcurrentSkipListMap<>();
    private final Clock clock;
    private Predicate<String> answerLost = key -> false;
    private Predicate<String> outOfReach = doing -> false;
    private boolean condition = true;

    public MemoryStore(Clock clock) {
        this.clock = clock;
    }

    /** Of writes of these keys the answer gets lost once they are done. */
    void loseAnswers(Predicate<String> keys) {
        answerLost = keys;
    }

    /** What begins with such words ({@code writing x}, {@code deleting x}) does not arrive. */
    void cutOff(Predicate<String> doing) {
        outOfReach = doing;
    }

    /** As a store that knows no conditional writes. */
    void overlookConditions() {
        condition = false;
    }

    private void reach(String doing) throws StoreException {
        if (outOfReach.test(doing)) {
            throw StoreException.unreachable(doing, where(), new IOException("no line"));
        }
    }

    @Override
    public String where() {
        return "memory://here";
    }

    @Override
    public void put(String key, Part content, String writer) throws StoreException {
        reach("writing " + key);
        byte[] bytes = read(content);
        if (condition && objects.containsKey(key)) {
            throw StoreException.answered("writing " + key, where(), 412, "PreconditionFailed", new IOException());
        }
        objects.put(key, new Stored(bytes, clock.instant(), writer));
        if (answerLost.test(key)) {
            throw StoreException.unreachable("writing " + key, where(), new IOException("the answer was lost"));
        }
    }

    private static byte[] read(Part part) {
        try (var in = part.open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Upload upload(String key, String writer) {
        var sent = new ByteArrayOutputStream();
        return new Upload() {
            @Override
            public void part(Part part) {
                sent.writeBytes(read(part));
            }

            @Override
            public void commit() throws StoreException {
                put(key, new Part.Memory(sent.toByteArray(), sent.size()), writer);
            }

            @Override
            public void abort() {
                sent.reset();
            }
        };
    }

    @Override
    public Optional<Opened> get(String key, long from, Optional<String> version) throws StoreException {
        reach("reading " + key);
        return Optional.ofNullable(objects.get(key))
                .map(stored -> new Opened(
                        new ByteArrayInputStream(
                                Arrays.copyOfRange(stored.content(), (int) from, stored.content().length)),
                        stored.content().length,
                        stored.writer()));
    }

    @Override
    public Optional<Stat> stat(String key) throws StoreException {
        reach("looking for " + key);
        return Optional.ofNullable(objects.get(key))
                .map(stored -> new Stat(stored.content().length, stored.at(), stored.writer()));
    }

    @Override
    public void list(String prefix, Consumer<Found> each) throws StoreException {
        reach("listing " + prefix);
        objects.forEach((key, stored) -> {
            if (key.startsWith(prefix)) {
                each.accept(new Found(key, stored.content().length, stored.at()));
            }
        });
    }

    @Override
    public void delete(String key) throws StoreException {
        reach("deleting " + key);
        objects.remove(key);
    }

    @Override
    public int forgetUploads(String prefix, Instant before) {
        return 0;
    }
}
