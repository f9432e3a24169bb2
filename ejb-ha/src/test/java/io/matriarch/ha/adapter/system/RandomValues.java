package io.matriarch.ha.adapter.system;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Random values of any type that the model is made of, by its declared components. */
final class RandomValues {
    private static final String[] TEXTS = {
        "", "a", "pg-1", "ключ", "quote \" back \\ slash", "line\nbreak\u0001", "=SUM(1)", "😀"
    };

    private final Random random;

    RandomValues(long seed) {
        this.random = new Random(seed);
    }

    <T> T of(Class<T> type) {
        return type.cast(value(type, 0));
    }

    private Object value(Type declared, int depth) {
        Class<?> type = declared instanceof ParameterizedType p ? (Class<?>) p.getRawType() : (Class<?>) declared;
        if (type == Optional.class) {
            return random.nextInt(3) == 0 ? Optional.empty() : Optional.of(value(argument(declared, 0), depth + 1));
        }
        if (type == List.class || type == Set.class) {
            var items = new ArrayList<>();
            for (int i = random.nextInt(depth > 3 ? 2 : 4); i > 0; i--) {
                items.add(value(argument(declared, 0), depth + 1));
            }
            return type == List.class ? items : new LinkedHashSet<>(items);
        }
        if (type == Map.class) {
            Map<Object, Object> map = new LinkedHashMap<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                map.put(value(argument(declared, 0), depth + 1), value(argument(declared, 1), depth + 1));
            }
            return map;
        }
        return plain(type, depth);
    }

    private Object plain(Class<?> type, int depth) {
        if (type == Lsn.class) {
            return new Lsn(random.nextLong());
        }
        if (type == Timeline.class) {
            return new Timeline(1 + random.nextInt(1 << 20));
        }
        if (type == MemberName.class) {
            return new MemberName("pg" + random.nextInt(9) + text());
        }
        if (type == SystemIdentifier.class) {
            return new SystemIdentifier(Long.toString(7_000_000_000_000_000_000L + random.nextInt(1 << 30)));
        }
        if (type.isSealed() && type.isInterface()) {
            Class<?>[] cases = type.getPermittedSubclasses();
            return value(cases[random.nextInt(cases.length)], depth);
        }
        return type.isRecord() ? record(type, depth) : scalar(type);
    }

    private Object record(Class<?> type, int depth) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] arguments = Arrays.stream(components)
                .map(c -> value(c.getGenericType(), depth + 1))
                .toArray();
        try {
            return type.getDeclaredConstructor(Arrays.stream(components)
                            .map(RecordComponent::getType)
                            .toArray(Class<?>[]::new))
                    .newInstance(arguments);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("cannot make a random " + type.getName(), e);
        }
    }

    private Object scalar(Class<?> type) {
        if (type.isEnum()) {
            return type.getEnumConstants()[random.nextInt(type.getEnumConstants().length)];
        }
        if (type == String.class) {
            return "x" + text();
        }
        if (type == boolean.class || type == Boolean.class) {
            return random.nextBoolean();
        }
        if (type == int.class || type == Integer.class) {
            return random.nextInt();
        }
        if (type == long.class || type == Long.class) {
            return random.nextInt(5) == 0 ? Long.MAX_VALUE : random.nextLong();
        }
        if (type == Duration.class) {
            return Duration.ofNanos(random.nextLong(1L << 50));
        }
        if (type == Instant.class) {
            return Instant.ofEpochSecond(random.nextLong(1L << 33), random.nextInt(1_000_000_000));
        }
        throw new AssertionError("no random " + type.getName());
    }

    private String text() {
        return TEXTS[random.nextInt(TEXTS.length)];
    }

    private static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }
}
