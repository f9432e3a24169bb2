package io.matriarch.ha.model;

/** An etcd revision: of the whole store, or the one that last changed a key. */
public record Revision(long value) {
    @Override
    public String toString() {
        return Long.toString(value);
    }
}
