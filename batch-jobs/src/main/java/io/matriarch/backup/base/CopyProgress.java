package io.matriarch.backup.base;

/** Is told how far a copy is. Called often, on a thread of the copy; must not block. */
@FunctionalInterface
public interface CopyProgress {
    /**
     * @param bytes read from the server so far, before compression
     * @param total what it is expected to come to; grows while the cluster does
     */
    void at(long bytes, long total);
}
