package io.matriarch.ha.model;

/** An etcd lease id. One lease per agent carries its member key and, on the leader, the leader key. */
public record LeaseId(long value) {
    @Override
    public String toString() {
        return Long.toHexString(value);
    }
}
