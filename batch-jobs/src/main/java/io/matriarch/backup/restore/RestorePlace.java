package io.matriarch.backup.restore;

import java.io.IOException;
import java.util.Map;

/**
 * A machine on which restores are done: this one, or a member's. The steps are the same everywhere, and so is the ledger beside the data: whoever asks
 * only watches.
 */
interface RestorePlace {

    /**
     * Plans; nothing is touched. Blocks for a look into the repository.
     *
     * @return the {@link Plan}'s document
     * @throws RefusedException if it cannot be done there
     * @throws IOException if that could not be found out
     */
    Map<String, Object> preview(RestoreRequest request) throws IOException;

    /**
     * Does a step, unless it was done; blocks until then.
     *
     * @throws IOException if it could not be done: asking for the same again begins with this step
     */
    Done run(RestoreRequest request, RestoreStep step) throws IOException;

    /**
     * What came of a step.
     *
     * @param worked whether there was something to do
     * @param handedOver what the user needs to know in the end; empty before
     */
    record Done(boolean worked, String handedOver) {}
}
