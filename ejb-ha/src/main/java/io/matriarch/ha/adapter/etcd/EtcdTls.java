package io.matriarch.ha.adapter.etcd;

import io.grpc.netty.GrpcSslContexts;
import io.matriarch.ha.tls.PemKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the PEM files of the configuration. */
final class EtcdTls {
    private EtcdTls() {}

    /**
     * Blocks for the disk.
     *
     * @throws IllegalArgumentException when a file cannot be read or used; the message names it
     */
    static SslContext context(EtcdSettings.Tls tls) {
        SslContextBuilder builder = GrpcSslContexts.forClient();
        try {
            tls.cacert().ifPresent(file -> builder.trustManager(file.toFile()));
            if (tls.cert().isPresent()) {
                Path cert = tls.cert().get();
                Path key = tls.key().orElse(cert);
                builder.keyManager(stream(Files.readString(cert)), stream(PemKey.asPkcs8(Files.readString(key))));
            }
            return builder.build();
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "cannot use the TLS files for etcd " + shown(tls) + ": " + e.getMessage(), e);
        }
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String shown(EtcdSettings.Tls tls) {
        return "(cacert " + tls.cacert().map(Path::toString).orElse("-")
                + ", cert " + tls.cert().map(Path::toString).orElse("-")
                + ", key " + tls.key().map(Path::toString).orElse("-") + ")";
    }
}
