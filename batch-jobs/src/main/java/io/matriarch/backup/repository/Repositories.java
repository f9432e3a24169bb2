package io.matriarch.backup.repository;

import io.matriarch.ha.api.BackupFacts.Settings;
import io.matriarch.ha.config.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Opens the repository that this machine's configuration names. */
public final class Repositories {
    private Repositories() {}

    /** By what they were opened with: a client of a store keeps connections, and knows nothing of who asks. */
    private static final Map<StoreConfig, ObjectStore> STORES = new ConcurrentHashMap<>();

    /**
     * Opens it; talks to no store yet. The directory in the state directory is made when it is first needed; one that was configured has to
     * be there, since a mount that is missing must not be filled below.
     *
     * @throws IOException if it is not there or cannot be made, or a key of the encryption cannot be used
     */
    public static Repository open(Settings settings) throws IOException {
        var store = settings.store();
        var plain = store.isPresent() ? inStore(store.get(), settings) : inDirectory(settings);
        var encryption = settings.encryption();
        if (encryption.isEmpty()) {
            return plain;
        }
        var cipher = StoreLibraries.ciphers().make(encryption.get());
        return new EncryptedRepository(plain, cipher, encryption.get().readPlain(), settings.work());
    }

    private static Repository inStore(StoreConfig config, Settings settings) throws IOException {
        var store = STORES.get(config);
        if (store == null) {
            store = StoreLibraries.stores(config.kind()).open(config);
            STORES.put(config, store);
        }
        return new ObjectRepository(store, config.prefix(), settings.work(), Clock.systemUTC());
    }

    private static Repository inDirectory(Settings settings) throws IOException {
        if (settings.ownRepository()) {
            Files.createDirectories(settings.repository());
        }
        return new DirectoryRepository(settings.repository());
    }
}
