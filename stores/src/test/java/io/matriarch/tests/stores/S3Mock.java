package io.matriarch.tests.stores;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Adobe's S3Mock with one bucket. It looks at no signature. */
public final class S3Mock implements AutoCloseable {
    public static final String BUCKET = "herd";
    private static final Path LIBRARIES = Path.of(System.getProperty("matriarch.s3mock"));

    private final StoreProcess process;
    private final int port;

    private S3Mock(StoreProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    public static S3Mock start() throws IOException, InterruptedException {
        int port = StoreProcess.freePort();
        Path root = Files.createTempDirectory("matriarch-s3mock");
        var command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                LIBRARIES + "/*",
                "-Dhttp.port=" + port,
                "-Dserver.port=0",
                "-Dcom.adobe.testing.s3mock.store.initial-buckets=" + BUCKET,
                "-Dcom.adobe.testing.s3mock.store.root=" + root,
                "com.adobe.testing.s3mock.S3MockApplication");
        return new S3Mock(StoreProcess.start(command, port), port);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Its process. */
    public long pid() {
        return process.pid();
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
