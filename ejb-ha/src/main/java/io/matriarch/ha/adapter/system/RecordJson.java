package io.matriarch.ha.adapter.system;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.Lsn;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Turns values made of records into JSON and back, by their declared components: records, sealed interfaces of records (with an extra
 * {@code "is"} that names the case), enums, {@code Optional} (absent when empty), lists, sets, maps, durations, instants, texts and
 * numbers. A record of one scalar is written as that scalar, an {@link Lsn} as PostgreSQL writes it.
 *
 * <p>Reading forgives what a later version adds or an older one did not have: unknown keys are ignored, absent collections are empty,
 * absent numbers 0 and absent flags false.
 */
public final class RecordJson {
    private static final String CASE = "is";
    private static final Map<Class<?>, Shape> SHAPES = new ConcurrentHashMap<>();

    private RecordJson() {}

    /** How a record is built. */
    private record Shape(List<RecordComponent> components, Constructor<?> constructor) {
        boolean isScalar() {
            return components.size() == 1 && isScalarType(components.get(0).getType());
        }
    }

    /** The value as a compact JSON text. @throws IllegalArgumentException for a type that has no form here */
    public static String write(Record value) {
        return Json.compact(encode(value, value.getClass()));
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IllegalArgumentException if the text is not JSON, or not that type
     */
    public static <T extends Record> T read(String text, Class<T> type) {
        return type.cast(decode(Json.parse(text), type));
    }

    private static Object encode(Object value, Type declared) {
        Class<?> type = raw(declared);
        if (value instanceof Optional<?> optional) {
            return optional.isPresent() ? encode(optional.get(), argument(declared, 0)) : Json.NULL;
        }
        if (value instanceof Map<?, ?> map) {
            var out = new LinkedHashMap<String, Object>();
            map.forEach((k, v) -> out.put(keyText(k), encode(v, argument(declared, 1))));
            return out;
        }
        if (value instanceof Iterable<?> items
                && (List.class.isAssignableFrom(type) || Set.class.isAssignableFrom(type))) {
            var out = new ArrayList<>();
            items.forEach(item -> out.add(encode(item, argument(declared, 0))));
            return out;
        }
        if (value instanceof Lsn lsn) {
            return lsn.toString();
        }
        if (value instanceof Record record) {
            return encodeRecord(record, type.isInterface());
        }
        return encodeScalar(value);
    }

    private static Object encodeRecord(Record record, boolean withCase) {
        Shape shape = shape(record.getClass());
        if (shape.isScalar() && !withCase) {
            return encodeScalar(component(record, shape.components().get(0)));
        }
        var out = new LinkedHashMap<String, Object>();
        if (withCase) {
            out.put(CASE, record.getClass().getSimpleName());
        }
        for (RecordComponent c : shape.components()) {
            Object encoded = encode(component(record, c), c.getGenericType());
            if (encoded != Json.NULL) {
                out.put(c.getName(), encoded);
            }
        }
        return out;
    }

    private static Object encodeScalar(Object value) {
        return switch (value) {
            case String s -> s;
            case Boolean b -> b;
            case Integer i -> i.longValue();
            case Long l -> l;
            case Double d -> d;
            case Enum<?> e -> e.name();
            case Duration d -> d.toString();
            case Instant i -> i.toString();
            default ->
                throw new IllegalArgumentException(
                        "no JSON form for " + value.getClass().getName());
        };
    }

    private static String keyText(Object key) {
        Object scalar = key instanceof Lsn
                ? key.toString()
                : key instanceof Record r ? encodeRecord(r, false) : encodeScalar(key);
        return scalar.toString();
    }

    private static Object decode(Object json, Type declared) {
        Class<?> type = raw(declared);
        if (type == Optional.class) {
            return json == Json.NULL ? Optional.empty() : Optional.of(decode(json, argument(declared, 0)));
        }
        if (type == Map.class) {
            var out = new LinkedHashMap<>();
            object(json)
                    .values()
                    .forEach((k, v) -> out.put(decodeKey(k, argument(declared, 0)), decode(v, argument(declared, 1))));
            return out;
        }
        if (type == List.class || type == Set.class) {
            List<Object> items = JsonObject.asList(json).orElseThrow(() -> wrong(json, type));
            var decoded = items.stream()
                    .map(item -> decode(item, argument(declared, 0)))
                    .toList();
            return type == List.class ? decoded : new LinkedHashSet<>(decoded);
        }
        if (type == Lsn.class) {
            return Lsn.parse(text(json, type));
        }
        if (type.isRecord()) {
            Shape shape = shape(type);
            return shape.isScalar() && !(json instanceof Map)
                    ? build(
                            shape,
                            List.of(decode(json, shape.components().get(0).getType())))
                    : decodeRecord(object(json), shape);
        }
        if (type.isSealed() && type.isInterface()) {
            return decodeRecord(object(json), shape(caseOf(type, object(json))));
        }
        return decodeScalar(json, type);
    }

    private static Class<?> caseOf(Class<?> sealed, JsonObject json) {
        String name = json.string(CASE)
                .orElseThrow(() -> new IllegalArgumentException("no case of " + sealed.getSimpleName()));
        return Arrays.stream(sealed.getPermittedSubclasses())
                .filter(c -> c.getSimpleName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(sealed.getSimpleName() + " has no case " + name));
    }

    private static Object decodeRecord(JsonObject json, Shape shape) {
        var arguments = new ArrayList<>();
        for (RecordComponent c : shape.components()) {
            Optional<Object> value = json.get(c.getName());
            arguments.add(value.isPresent() ? decode(value.get(), c.getGenericType()) : absent(c));
        }
        return build(shape, arguments);
    }

    private static Object absent(RecordComponent c) {
        Class<?> type = c.getType();
        if (type == Optional.class) {
            return Optional.empty();
        }
        if (type == List.class) {
            return List.of();
        }
        if (type == Set.class) {
            return Set.of();
        }
        if (type == Map.class) {
            return Map.of();
        }
        if (type == boolean.class) {
            return false;
        }
        if (type == int.class) {
            return 0;
        }
        if (type == long.class) {
            return 0L;
        }
        throw new IllegalArgumentException(
                "'" + c.getName() + "' of " + c.getDeclaringRecord().getSimpleName() + " is missing");
    }

    private static Object decodeKey(String key, Type declared) {
        Class<?> type = raw(declared);
        if (type == Lsn.class) {
            return Lsn.parse(key);
        }
        if (type.isRecord()) {
            Shape shape = shape(type);
            return build(shape, List.of(decodeKey(key, shape.components().get(0).getType())));
        }
        return type == long.class || type == Long.class
                ? (Object) Long.valueOf(key)
                : type == int.class || type == Integer.class ? (Object) Integer.valueOf(key) : decodeScalar(key, type);
    }

    private static Object decodeScalar(Object json, Class<?> type) {
        if (type == String.class) {
            return text(json, type);
        }
        if (type == boolean.class || type == Boolean.class) {
            if (json instanceof Boolean) {
                return json;
            }
            throw wrong(json, type);
        }
        if (type == long.class || type == Long.class) {
            return number(json, type);
        }
        if (type == int.class || type == Integer.class) {
            return Math.toIntExact(number(json, type));
        }
        if (type == double.class || type == Double.class) {
            return json instanceof Number n ? n.doubleValue() : (double) number(json, type);
        }
        if (type == Duration.class) {
            return Duration.parse(text(json, type));
        }
        if (type == Instant.class) {
            return Instant.parse(text(json, type));
        }
        if (type.isEnum()) {
            String name = text(json, type);
            return Arrays.stream(type.getEnumConstants())
                    .filter(c -> ((Enum<?>) c).name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(type.getSimpleName() + " has no " + name));
        }
        throw new IllegalArgumentException("no JSON form for " + type.getName());
    }

    private static JsonObject object(Object json) {
        return JsonObject.of(json).orElseThrow(() -> wrong(json, Map.class));
    }

    private static String text(Object json, Class<?> type) {
        if (json instanceof String s) {
            return s;
        }
        throw wrong(json, type);
    }

    private static long number(Object json, Class<?> type) {
        return json instanceof String
                ? badNumber(json, type)
                : JsonObject.asLong(json).orElseThrow(() -> wrong(json, type));
    }

    private static long badNumber(Object json, Class<?> type) {
        throw wrong(json, type);
    }

    private static IllegalArgumentException wrong(Object json, Class<?> type) {
        return new IllegalArgumentException(
                "not a " + type.getSimpleName() + ": " + json.getClass().getSimpleName());
    }

    private static boolean isScalarType(Class<?> type) {
        return type.isPrimitive() || type == String.class || type.isEnum();
    }

    private static Shape shape(Class<?> type) {
        return SHAPES.computeIfAbsent(type, t -> {
            var components = List.of(t.getRecordComponents());
            var types = components.stream().map(RecordComponent::getType).toArray(Class<?>[]::new);
            try {
                return new Shape(components, t.getDeclaredConstructor(types));
            } catch (NoSuchMethodException e) {
                throw new IllegalStateException("a record without its constructor: " + t, e);
            }
        });
    }

    private static Object component(Record record, RecordComponent c) {
        try {
            return c.getAccessor().invoke(record);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalArgumentException("cannot read " + c, e);
        }
    }

    private static Object build(Shape shape, List<Object> arguments) {
        try {
            return shape.constructor().newInstance(arguments.toArray());
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(String.valueOf(e.getCause()), e);
        } catch (InstantiationException | IllegalAccessException e) {
            throw new IllegalArgumentException("cannot build " + shape.constructor(), e);
        }
    }

    private static Class<?> raw(Type type) {
        return type instanceof ParameterizedType p ? (Class<?>) p.getRawType() : (Class<?>) type;
    }

    private static Type argument(Type type, int index) {
        if (type instanceof ParameterizedType p) {
            return p.getActualTypeArguments()[index];
        }
        throw new IllegalArgumentException("a collection without its element type: " + type);
    }
}
