package io.matriarch.backup.store.azure;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.blob.BlobServiceVersion;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import io.matriarch.backup.repository.ObjectStore;
import io.matriarch.backup.repository.StoreOpener;
import io.matriarch.ha.config.StoreConfig;
import io.matriarch.ha.tls.PemFiles;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;

/** Makes clients of Azure Blob Storage with our limits, on the JDK's own HTTP client. */
public final class AzureOpener implements StoreOpener {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofSeconds(30);
    /** One part over a slow line. */
    private static final int ONE_TRY_S = 300;

    private static final int TRIES = 5;
    private static final long FIRST_PAUSE_MS = 500;
    private static final long LONGEST_PAUSE_MS = 20_000;

    @Override
    public ObjectStore open(StoreConfig config) throws IOException {
        var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
        config.cacert()
                .ifPresent(file -> http.sslContext(PemFiles.client(Optional.empty(), PemFiles.authorities(file))));
        var container = new BlobContainerClientBuilder()
                .endpoint(config.endpoint().toString())
                .containerName(config.container())
                .credential(new StorageSharedKeyCredential(
                        config.account(), config.secret().reveal()))
                // Behaviour does not change with the library, and stores that are older than it answer.
                .serviceVersion(BlobServiceVersion.V2025_05_05)
                .httpClient(new JdkHttpClientBuilder(http)
                        .responseTimeout(SILENCE)
                        .readTimeout(SILENCE)
                        .writeTimeout(SILENCE)
                        .build())
                .retryOptions(new RequestRetryOptions(
                        RetryPolicyType.EXPONENTIAL, TRIES, ONE_TRY_S, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, null))
                .buildClient();
        return new AzureStore(container, config.where());
    }
}
