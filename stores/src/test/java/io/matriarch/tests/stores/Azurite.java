package io.matriarch.tests.stores;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Microsoft's Azurite with one container; installed with npm where it is not yet. It checks every signature. */
public final class Azurite implements AutoCloseable {
    public static final String ACCOUNT = "devstoreaccount1";
    /** Azurite's own well-known one. */
    public static final String KEY =
            "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public static final String CONTAINER = "herd";
    /** The last that runs with Node 20. */
    private static final String PACKAGE = "azurite@3.35.0";

    private static final Path INSTALLED = Path.of(System.getProperty("matriarch.azurite"));
    private static final Path PROGRAM = INSTALLED.resolve("node_modules/azurite/dist/src/blob/main.js");
    private static final String VERSION = "2025-05-05";

    private final StoreProcess process;
    private final int port;

    private Azurite(StoreProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    public static Azurite start() throws IOException, InterruptedException, GeneralSecurityException {
        install();
        int port = StoreProcess.freePort();
        var command = List.of(
                "node",
                PROGRAM.toString(),
                "--silent",
                "--inMemoryPersistence",
                "--disableTelemetry",
                "--blobPort",
                String.valueOf(port));
        var started = new Azurite(StoreProcess.start(command, port), port);
        started.createContainer();
        return started;
    }

    private static void install() throws IOException, InterruptedException {
        if (Files.exists(PROGRAM)) {
            return;
        }
        Files.createDirectories(INSTALLED);
        var npm = new ProcessBuilder(
                        "npm",
                        "install",
                        "--prefix",
                        ".",
                        "--omit=dev",
                        "--no-audit",
                        "--no-fund",
                        "--no-save",
                        PACKAGE)
                .directory(INSTALLED.toFile())
                .redirectErrorStream(true)
                .redirectOutput(INSTALLED.resolve("npm.log").toFile())
                .start();
        if (!npm.waitFor(10, TimeUnit.MINUTES) || npm.exitValue() != 0) {
            npm.destroyForcibly();
            throw new IOException(
                    "npm did not install " + PACKAGE + ": " + Files.readString(INSTALLED.resolve("npm.log")));
        }
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port + "/" + ACCOUNT);
    }

    private void createContainer() throws IOException, InterruptedException, GeneralSecurityException {
        var date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
        var signed = "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:" + date + "\nx-ms-version:" + VERSION + "\n/" + ACCOUNT
                + "/" + ACCOUNT + "/" + CONTAINER + "\nrestype:container";
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(KEY), "HmacSHA256"));
        var signature = Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        var request = HttpRequest.newBuilder(URI.create(endpoint() + "/" + CONTAINER + "?restype=container"))
                .header("x-ms-date", date)
                .header("x-ms-version", VERSION)
                .header("Authorization", "SharedKey " + ACCOUNT + ":" + signature)
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 201) {
                throw new IOException("Azurite made no container: " + answer.statusCode() + " " + answer.body());
            }
        }
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
