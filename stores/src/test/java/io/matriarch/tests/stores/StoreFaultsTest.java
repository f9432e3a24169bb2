package io.matriarch.tests.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.matriarch.backup.repository.ObjectRepository;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.repository.StoreException;
import io.matriarch.backup.repository.StoreException.Kind;
import io.matriarch.ha.config.StoreConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stores that refuse, break off, or are slow: a clear sentence, and nothing that looks like a backup. */
class StoreFaultsTest {
    private static S3Mock s3;
    private static Azurite azurite;

    @TempDir
    Path work;

    private HttpServer refusing;
    private volatile int status;
    private volatile String code = "";

    @BeforeAll
    static void stores() throws Exception {
        s3 = S3Mock.start();
        azurite = Azurite.start();
    }

    @AfterAll
    static void stop() throws IOException {
        azurite.close();
        s3.close();
    }

    @BeforeEach
    void storeThatRefuses() throws IOException {
        refusing = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        refusing.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        refusing.createContext("/", this::refuse);
        refusing.start();
    }

    @AfterEach
    void stopRefusing() {
        refusing.stop(0);
    }

    /** Finds nothing, writes nothing. */
    private void refuse(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        boolean asks = exchange.getRequestMethod().equals("HEAD");
        boolean lists = exchange.getRequestMethod().equals("GET");
        boolean azure = exchange.getRequestURI().getPath().startsWith("/" + Azurite.ACCOUNT);
        var nothing = azure
                ? "<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>"
                : "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
        var body = lists
                ? "<?xml version=\"1.0\"?>" + nothing
                : "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>no</Message></Error>";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/xml");
        exchange.getResponseHeaders().add("x-ms-error-code", asks ? "BlobNotFound" : code);
        exchange.sendResponseHeaders(asks ? 404 : lists ? 200 : status, asks ? -1 : bytes.length);
        if (!asks) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    private URI refusingEndpoint() {
        return URI.create("http://127.0.0.1:" + refusing.getAddress().getPort());
    }

    @ParameterizedTest
    @CsvSource({
        "403, AccessDenied, DENIED, let the key read",
        "403, InvalidAccessKeyId, LOGIN, secret_key_file",
        "403, SignatureDoesNotMatch, LOGIN, clock",
        "403, RequestTimeTooSkewed, CLOCK, set it right",
        "404, NoSuchBucket, NO_CONTAINER, create it",
        "400, EntityTooLarge, TOO_LARGE, size",
        "507, InsufficientStorage, FULL, make room",
        "405, MethodNotAllowed, LOCKED, read-only",
        "501, NotImplemented, UNSUPPORTED, If-None-Match"
    })
    void refusalOfS3SaysWhatToDo(int refusal, String word, Kind kind, String advice) throws IOException {
        status = refusal;
        code = word;
        refusedWith(Places.s3(refusingEndpoint()), kind, advice);
    }

    @ParameterizedTest
    @CsvSource({
        "403, AuthenticationFailed, LOGIN, account_key_file",
        "403, AuthorizationPermissionMismatch, DENIED, let the key read",
        "404, ContainerNotFound, NO_CONTAINER, create it",
        "413, RequestBodyTooLarge, TOO_LARGE, size",
        "409, BlobImmutableDueToPolicy, LOCKED, unchanged"
    })
    void refusalOfAzureSaysWhatToDo(int refusal, String word, Kind kind, String advice) throws IOException {
        status = refusal;
        code = word;
        refusedWith(Places.azure(URI.create(refusingEndpoint() + "/" + Azurite.ACCOUNT)), kind, advice);
    }

    private void refusedWith(StoreConfig config, Kind kind, String advice) throws IOException {
        Repository repository = Places.inStore(config, work);

        for (int attempt = 0; attempt < 2; attempt++) {
            boolean folder = attempt == 1;
            assertThatThrownBy(() -> {
                        if (folder) {
                            repository.createAll(
                                    "base/one", dir -> Files.writeString(dir.resolve("backup.json"), "{}"));
                        } else {
                            repository.create("wal/1", out -> out.write(1));
                        }
                    })
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                    .hasMessageContaining(config.where())
                    .hasMessageContaining(advice)
                    .hasMessageNotContaining(config.secret().reveal());
        }
    }

    @Test
    void storeThatIsNotThereIsNamedWithItsEndpoint() throws IOException {
        refusing.stop(0);
        for (var config : List.of(
                Places.s3(refusingEndpoint()), Places.azure(URI.create(refusingEndpoint() + "/" + Azurite.ACCOUNT)))) {
            Repository repository = Places.inStore(config, work);

            assertThatThrownBy(() -> repository.create("wal/1", out -> out.write(1)))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining(config.where())
                    .hasMessageContaining("cannot be reached");
        }
    }

    @Test
    void wrongKeyOfAnAccountIsALoginProblem() throws IOException {
        var right = Places.azure(azurite.endpoint());
        var wrong = new StoreConfig(
                right.kind(),
                right.container(),
                "",
                right.endpoint(),
                "",
                false,
                right.account(),
                io.matriarch.ha.config.Secret.of("d3Jvbmc="),
                right.cacert());

        assertThatThrownBy(() -> Places.inStore(wrong, work).create("wal/1", out -> out.write(1)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("403")
                .hasMessageNotContaining("d3Jvbmc");
    }

    @ParameterizedTest
    @CsvSource({"S3", "AZURE"})
    void uploadThatBreaksOffIsHiddenAndRemovedLater(StoreConfig.Kind kind) throws Exception {
        URI real = kind == StoreConfig.Kind.S3 ? s3.endpoint() : azurite.endpoint();
        String prefix = "broken-" + kind + "/";
        var direct = new ObjectRepository(open(kind, real), prefix, work, Clock.systemUTC());
        try (var line = new CutLine(real.getPort(), 12 << 20)) {
            var through = URI.create("http://127.0.0.1:" + line.port() + real.getPath());
            var cut = new ObjectRepository(open(kind, through), prefix, work, Clock.systemUTC());

            assertThatThrownBy(() -> cut.createAll("base/one", directory -> {
                        Files.write(directory.resolve("base.tar"), new byte[30 << 20]);
                        Files.writeString(directory.resolve("backup.json"), "{}");
                        Files.writeString(directory.resolve("a-small-one"), "x");
                    }))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("base/one/base.tar")
                    .hasMessageContaining("cannot be reached");
        }

        assertThat(direct.list("")).isEmpty();
        assertThatThrownBy(() -> direct.createAll("base/one", directory -> {}))
                .isInstanceOf(java.nio.file.FileAlreadyExistsException.class);
        assertThat(direct.forgetPartials(Duration.ofHours(1), Instant.now().plus(Duration.ofHours(23))))
                .isZero();
        assertThat(direct.forgetPartials(Duration.ofHours(1), Instant.now().plus(Duration.ofHours(25))))
                .isPositive();
        direct.createAll("base/one", directory -> Files.writeString(directory.resolve("backup.json"), "{}"));
        assertThat(direct.list("")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"S3", "AZURE"})
    void readingGoesOnWhereTheLineBroke(StoreConfig.Kind kind) throws Exception {
        URI real = kind == StoreConfig.Kind.S3 ? s3.endpoint() : azurite.endpoint();
        String prefix = "resumed-" + kind + "/";
        byte[] content = new byte[20 << 20];
        new java.util.Random(3).nextBytes(content);
        new ObjectRepository(open(kind, real), prefix, work, Clock.systemUTC())
                .create("big", out -> out.write(content));
        try (var line = new CutLine(real.getPort(), Long.MAX_VALUE)) {
            line.cutEachConnectionAfter(7 << 20);
            var through = URI.create("http://127.0.0.1:" + line.port() + real.getPath());
            var repository = new ObjectRepository(open(kind, through), prefix, work, Clock.systemUTC());

            try (var in = repository.open("big").orElseThrow()) {
                assertThat(in.readAllBytes()).isEqualTo(content);
            }

            assertThat(line.cuts()).isPositive();
        }
    }

    private static io.matriarch.backup.repository.ObjectStore open(StoreConfig.Kind kind, URI endpoint)
            throws IOException {
        return Places.open(kind == StoreConfig.Kind.S3 ? Places.s3(endpoint) : Places.azure(endpoint));
    }
}
