package io.matriarch.backup.repository;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What an object store can do, in its own words and without policy; {@link ObjectRepository} makes a repository of it. Every method blocks,
 * tries again by itself what can be tried again, for minutes at most, and throws {@link StoreException}. Thread safe.
 */
public interface ObjectStore {
    /** What is sent at once at least; the stores take no smaller part but the last. */
    int PART_BYTES = 8 << 20;
    /** Of how many parts an object may consist, in every store. */
    int MOST_PARTS = 10_000;

    /** One object in a listing. */
    record Found(String key, long bytes, Instant modifiedAt) {}

    /**
     * One object.
     *
     * @param writer who wrote it, as given to {@link #put} or {@link #upload}; empty if another program did
     */
    record Stat(long bytes, Instant modifiedAt, String writer) {}

    /**
     * An object that is read.
     *
     * @param bytes of the whole object
     * @param version of it, as the store names it
     */
    record Opened(InputStream in, long bytes, String version) {}

    /** What is sent at once: held in memory, or read from a file when it is needed, several times if it must be. */
    sealed interface Part {
        long bytes();

        /** Reads it from its beginning; several times, when a try was in vain. */
        InputStream open() throws IOException;

        /** The first {@code length} bytes of {@code content}. */
        record Memory(byte[] content, int length) implements Part {
            @Override
            public long bytes() {
                return length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(content, 0, length);
            }
        }

        /** Part of a file that does not change. */
        record Range(Path file, long position, long bytes) implements Part {
            @Override
            public InputStream open() throws IOException {
                return new RangeInput(file, position, bytes);
            }
        }
    }

    /** For messages: scheme, bucket or container, and endpoint; never a secret. */
    String where();

    /**
     * Writes an object that must not exist yet.
     *
     * @param writer stands with the object: tells our own write, whose answer was lost, from another's
     * @throws StoreException of kind {@link StoreException.Kind#TAKEN} if it exists
     */
    void put(String key, Part content, String writer) throws StoreException;

    /** Begins an object of several parts; nothing of it can be seen before it is committed. */
    Upload upload(String key, String writer) throws StoreException;

    /** An object of several parts, sent one after the other. */
    interface Upload {
        void part(Part part) throws StoreException;

        /** Makes the object, as {@link #put} does. */
        void commit() throws StoreException;

        /** Throws away what was sent, as well as it can. */
        void abort();
    }

    /**
     * Opens an object; empty when there is none.
     *
     * @param from the first byte that is wanted
     * @param version that it must still have
     */
    Optional<Opened> get(String key, long from, Optional<String> version) throws StoreException;

    /** What there is of that name; empty when there is nothing. */
    Optional<Stat> stat(String key) throws StoreException;

    /** Gives each object whose key begins with {@code prefix}, in no certain order. */
    void list(String prefix, Consumer<Found> each) throws StoreException;

    /** Deletes an object; one that is not there is as wanted. */
    void delete(String key) throws StoreException;

    /**
     * Throws away objects of several parts that were begun before {@code before} and never committed.
     *
     * @return how many; 0 where the store does so by itself
     */
    int forgetUploads(String prefix, Instant before) throws StoreException;
}
