package io.matriarch.ha.adapter.postgres;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * A mark in a data directory that was cloned and has neither streamed nor been a primary yet: it holds nothing that its source did not
 * have. The mark goes wherever the directory goes, so that of several that were set aside the member's last real data can be told. It names
 * the member, for pg_rewind may bring another's mark along.
 */
final class UnprovenClone {
    static final String FILE = "matriarch.clone";
    private static final Logger LOG = Logger.getLogger(UnprovenClone.class);

    private UnprovenClone() {}

    static void mark(Path directory, String member) throws IOException {
        DurableFiles.write(directory.resolve(FILE), content(member));
    }

    /** From now on the directory holds what may be nowhere else. */
    static void clear(Path directory) throws IOException {
        DurableFiles.delete(directory.resolve(FILE));
    }

    /** Clones that never came to stream must not fill the volume; what the member really had stays. One that resists fails no other clone. */
    static void deleteAmong(List<Path> asides, String member) {
        for (Path aside : asides) {
            try {
                if (DurableFiles.read(aside.resolve(FILE))
                        .filter(content(member)::equals)
                        .isPresent()) {
                    LOG.infof(
                            "deleting %s (%s): a clone that never streamed",
                            aside, Cloner.mebibytes(DurableFiles.size(aside)));
                    DataPlace.delete(aside);
                }
            } catch (IOException e) {
                LOG.warnf("could not delete %s, a clone that never streamed: %s", aside, e);
            }
        }
    }

    private static String content(String member) {
        return member + "\n";
    }
}
