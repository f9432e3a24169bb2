package io.matriarch.ha.adapter.etcd;

/**
 * One key below the scope as etcd shows it.
 *
 * @param name relative to the scope, such as {@code members/pg1}
 * @param lease 0 when it hangs on none
 */
record RawKey(String name, String value, long lease, long createRevision, long modRevision) {}
