package io.matriarch.backup.repository;

import io.matriarch.ha.config.StoreConfig;
import java.io.IOException;

/** Opens object stores of one kind. An implementation has a constructor without arguments. */
public interface StoreOpener {

    /** Does not talk to the store yet. */
    ObjectStore open(StoreConfig config) throws IOException;
}
