package io.matriarch.backup.repository;

import io.matriarch.ha.config.StoreConfig;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The adapters of object stores and of encryption, with the libraries that they need: they lie in the server beside the application and are
 * loaded when a configuration asks for them. A machine that does not pays nothing, neither at its start nor in memory.
 */
final class StoreLibraries {
    private static final String FOLDER = "stores";
    private static final Map<String, ClassLoader> LOADED = new ConcurrentHashMap<>();

    private StoreLibraries() {}

    static StoreOpener stores(StoreConfig.Kind kind) throws IOException {
        return switch (kind) {
            case S3 -> make(StoreOpener.class, "s3", "io.matriarch.backup.store.s3.S3Opener");
            case AZURE -> make(StoreOpener.class, "azure", "io.matriarch.backup.store.azure.AzureOpener");
        };
    }

    static CipherMaker ciphers() throws IOException {
        return make(CipherMaker.class, "age", "io.matriarch.backup.store.age.AgeMaker");
    }

    private static <T> T make(Class<T> type, String family, String name) throws IOException {
        try {
            return type.cast(Class.forName(name, true, loader(family, name))
                    .getDeclaredConstructor()
                    .newInstance());
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IOException("the libraries for " + family + " cannot be used: " + e, e);
        }
    }

    private static ClassLoader loader(String family, String name) throws IOException {
        ClassLoader own = StoreLibraries.class.getClassLoader();
        if (own.getResource(name.replace('.', '/') + ".class") != null) {
            return own;
        }
        var loaded = LOADED.get(family);
        if (loaded == null) {
            Path folder = Path.of(System.getProperty("jboss.home.dir", "."), FOLDER, family);
            var created = new URLClassLoader("matriarch-" + family, jars(folder), own);
            var other = LOADED.putIfAbsent(family, created);
            return other == null ? created : other;
        }
        return loaded;
    }

    private static URL[] jars(Path folder) throws IOException {
        var urls = new ArrayList<URL>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path jar : files.filter(f -> f.toString().endsWith(".jar"))
                        .sorted()
                        .toList()) {
                    urls.add(jar.toUri().toURL());
                }
            }
        }
        if (urls.isEmpty()) {
            throw new IOException("the server lacks " + folder + ": it was not built whole");
        }
        return urls.toArray(URL[]::new);
    }
}
