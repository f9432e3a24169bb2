package io.matriarch.backup.store.s3;

import io.matriarch.backup.repository.ObjectStore;
import io.matriarch.backup.repository.StoreOpener;
import io.matriarch.ha.config.StoreConfig;
import io.matriarch.ha.tls.PemFiles;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;

/** Makes clients of S3 with our limits. */
public final class S3Opener implements StoreOpener {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofSeconds(30);
    /** One part over a slow line. */
    private static final Duration ONE_TRY = Duration.ofMinutes(5);

    private static final Duration ALL_TRIES = Duration.ofMinutes(15);
    private static final int TRIES = 5;

    @Override
    public ObjectStore open(StoreConfig config) throws IOException {
        var http = UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(SILENCE);
        config.cacert().ifPresent(file -> http.tlsTrustManagersProvider(() -> PemFiles.authorities(file)));
        var credentials =
                AwsBasicCredentials.create(config.account(), config.secret().reveal());
        // A machine's own files for Amazon's tools must not change what our configuration says.
        var noProfiles = ProfileFile.builder()
                .content(InputStream.nullInputStream())
                .type(ProfileFile.Type.CONFIGURATION)
                .build();
        var client = S3Client.builder()
                .httpClientBuilder(http)
                .endpointOverride(config.endpoint())
                .region(Region.of(config.region()))
                .forcePathStyle(config.pathStyle())
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                // Older stores do not know the newer checksums in trailers.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(
                        S3Configuration.builder().expectContinueEnabled(false).build())
                .overrideConfiguration(override -> override.apiCallAttemptTimeout(ONE_TRY)
                        .apiCallTimeout(ALL_TRIES)
                        .defaultProfileFile(noProfiles)
                        .retryStrategy(StandardRetryStrategy.builder()
                                .maxAttempts(TRIES)
                                .build()))
                .build();
        return new S3Store(client, config.container(), config.where());
    }
}
