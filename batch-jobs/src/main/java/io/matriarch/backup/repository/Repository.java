package io.matriarch.backup.repository;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Named objects that are written once. A name is a path of ordinary characters with slashes between, such as {@code
 * base/basebackup_20260615T120000Z.tar.gz}. What {@link #list} shows is complete and durable: an object appears when it is, or never.
 * Every method blocks as long as the store does, and throws {@link IOException} with the name and what failed. Thread safe.
 */
public interface Repository {

    /** One object. */
    record Entry(String name, long bytes, Instant modifiedAt) {}

    /** Writes the content; what it throws leaves no object behind. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes an object that must not exist yet.
     *
     * @return what is there now
     * @throws java.nio.file.FileAlreadyExistsException if the name is taken: nothing was changed
     */
    Entry create(String name, Content content) throws IOException;

    /** Fills an empty local directory with plain files; what it throws leaves no object behind. */
    @FunctionalInterface
    interface Filling {
        void fill(Path directory) throws IOException;

        /** Called when all is stored and nothing is visible yet; what it throws leaves no object behind. */
        default void publishing() throws IOException {}
    }

    /**
     * Makes objects of all files that {@code filling} leaves, all at once or none.
     *
     * @param folder goes before their names, and a slash; nothing of that folder may exist yet
     * @return what is there now
     * @throws java.nio.file.FileAlreadyExistsException if the folder is taken: nothing was changed
     */
    List<Entry> createAll(String folder, Filling filling) throws IOException;

    /** Opens an object for reading; empty when there is none of that name. The caller closes it. */
    Optional<InputStream> open(String name) throws IOException;

    /** All objects whose names begin with {@code prefix}, in the order of their names; {@code ""} for all. */
    List<Entry> list(String prefix) throws IOException;

    /** Deletes an object; one that is not there is as wanted. */
    void delete(String name) throws IOException;

    /** Room that is left in bytes, where the store can say it. */
    Optional<Long> freeBytes() throws IOException;

    /**
     * Deletes what writers that were killed have left half written; nothing of that can be seen otherwise.
     *
     * @param age how old it must be at least: a younger one may still be written. A store that cannot tell waits longer
     * @return how many there were
     */
    int forgetPartials(Duration age, Instant now) throws IOException;

    /**
     * Deletes what calls of {@link #createAll} that did not live to their end left of folders directly in {@code parent}, where that takes room
     * which the next one needs. Only for who knows that nobody fills one who may still publish it.
     *
     * @param parent with a slash at its end
     * @return how many there were
     */
    int forgetUnfinished(String parent) throws IOException;
}
