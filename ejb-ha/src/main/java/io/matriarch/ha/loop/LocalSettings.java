package io.matriarch.ha.loop;

import io.matriarch.ha.config.LocalConfig;

/** This member's configuration as it is now. Thread safe; nobody blocks. */
public final class LocalSettings {
    private volatile LocalConfig now;

    public LocalSettings(LocalConfig first) {
        this.now = first;
    }

    public LocalConfig now() {
        return now;
    }
}
