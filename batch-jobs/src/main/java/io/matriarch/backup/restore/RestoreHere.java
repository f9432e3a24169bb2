package io.matriarch.backup.restore;

import io.matriarch.backup.node.NodeWork.Telling;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;

/** Restores on this machine, be it a manager's or a member's. */
final class RestoreHere implements RestorePlace {
    private final Site site;
    private final Telling telling;

    /** @param telling is told which backup is read */
    RestoreHere(Site site, Telling telling) {
        this.site = site;
        this.telling = telling;
    }

    @Override
    public Map<String, Object> preview(RestoreRequest request) throws IOException {
        return restore(request).preview().document();
    }

    @Override
    public Done run(RestoreRequest request, RestoreStep step) throws IOException {
        var restore = restore(request);
        restore.label().ifPresent(telling::reads);
        boolean worked = restore.run(step);
        return new Done(worked, step == RestoreStep.HANDOVER ? restore.handedOver() : "");
    }

    private StandaloneRestore restore(RestoreRequest request) {
        return new StandaloneRestore(site, request, Clock.systemUTC());
    }
}
