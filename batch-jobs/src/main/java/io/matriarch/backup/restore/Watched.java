package io.matriarch.backup.restore;

import io.matriarch.backup.node.NodeWork.Telling;
import io.matriarch.backup.sandbox.Halt;
import java.io.IOException;

/** Progress that somebody watches, and may stop. */
record Watched(Halt halt, Telling telling) implements Site.RestoreProgress {
    @Override
    public void says(String doing) {
        telling.says(doing);
    }

    @Override
    public void at(String doing, long bytes, long total) {
        telling.at(doing, bytes, total);
    }

    @Override
    public void mayGoOn() throws IOException {
        halt.check();
    }
}
