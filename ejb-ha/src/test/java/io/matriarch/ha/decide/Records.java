package io.matriarch.ha.decide;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/** Copies of records with one component changed, for tests. */
final class Records {
    private Records() {}

    /** @throws IllegalArgumentException if the record has no such component */
    static <R extends Record> R with(R record, String component, Object value) {
        var components = record.getClass().getRecordComponents();
        if (Arrays.stream(components).noneMatch(c -> c.getName().equals(component))) {
            throw new IllegalArgumentException(record.getClass().getSimpleName() + " has no component " + component);
        }
        try {
            var types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            var values = new Object[components.length];
            for (int i = 0; i < components.length; i++) {
                var accessor = components[i].getAccessor();
                accessor.setAccessible(true);
                values[i] = components[i].getName().equals(component) ? value : accessor.invoke(record);
            }
            @SuppressWarnings("unchecked")
            var copy = (R) record.getClass().getDeclaredConstructor(types).newInstance(values);
            return copy;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
