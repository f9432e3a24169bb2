package io.matriarch.tests.stores;

import io.matriarch.backup.repository.Cipher;
import io.matriarch.backup.repository.DirectoryRepository;
import io.matriarch.backup.repository.EncryptedRepository;
import io.matriarch.backup.repository.ObjectRepository;
import io.matriarch.backup.repository.ObjectStore;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.store.age.AgeMaker;
import io.matriarch.backup.store.azure.AzureOpener;
import io.matriarch.backup.store.s3.S3Opener;
import io.matriarch.ha.config.Secret;
import io.matriarch.ha.config.StoreConfig;
import io.matriarch.ha.config.StoreConfig.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/** Repositories of every kind, each new and empty. */
final class Places {
    private Places() {}

    /** Where a repository is. */
    enum Place {
        DIRECTORY,
        S3,
        AZURE
    }

    static StoreConfig s3(URI endpoint) {
        return new StoreConfig(
                Kind.S3,
                S3Mock.BUCKET,
                "",
                endpoint,
                "us-east-1",
                true,
                "key",
                Secret.of("not-a-secret-secret"),
                Optional.empty());
    }

    static StoreConfig azure(URI endpoint) {
        return new StoreConfig(
                Kind.AZURE,
                Azurite.CONTAINER,
                "",
                endpoint,
                "",
                false,
                Azurite.ACCOUNT,
                Secret.of(Azurite.KEY),
                Optional.empty());
    }

    static ObjectStore open(StoreConfig config) throws IOException {
        return switch (config.kind()) {
            case S3 -> new S3Opener().open(config);
            case AZURE -> new AzureOpener().open(config);
        };
    }

    static Repository inStore(StoreConfig config, Path work) throws IOException {
        return new ObjectRepository(open(config), UUID.randomUUID() + "/", work, Clock.systemUTC());
    }

    static Repository inDirectory(Path directory) throws IOException {
        return new DirectoryRepository(Files.createDirectories(directory));
    }

    static Cipher cipher(String... identities) throws IOException {
        return new AgeMaker().make(Keys.config(identities));
    }

    static Repository encrypted(Repository inner, Path work) throws IOException {
        return new EncryptedRepository(inner, cipher(Keys.FIRST), false, work);
    }
}
