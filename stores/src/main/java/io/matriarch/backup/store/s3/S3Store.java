package io.matriarch.backup.store.s3;

import io.matriarch.backup.repository.ObjectStore;
import io.matriarch.backup.repository.StoreException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** A bucket. */
final class S3Store implements ObjectStore {
    private static final String WRITER = "writer";
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;

    private final S3Client client;
    private final String bucket;
    private final String where;

    S3Store(S3Client client, String bucket, String where) {
        this.client = client;
        this.bucket = bucket;
        this.where = where;
    }

    @Override
    public String where() {
        return where;
    }

    @Override
    public void put(String key, Part content, String writer) throws StoreException {
        asking(
                "writing " + key,
                () -> client.putObject(
                        request ->
                                request.bucket(bucket).key(key).ifNoneMatch("*").metadata(Map.of(WRITER, writer)),
                        body(content)));
    }

    private static RequestBody body(Part part) {
        return RequestBody.fromContentProvider(
                () -> {
                    try {
                        return part.open();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                part.bytes(),
                "application/octet-stream");
    }

    @Override
    public Upload upload(String key, String writer) throws StoreException {
        var begun = asking(
                "beginning to write " + key,
                () -> client.createMultipartUpload(
                        request -> request.bucket(bucket).key(key).metadata(Map.of(WRITER, writer))));
        return new Parts(key, begun.uploadId());
    }

    private final class Parts implements Upload {
        private final String key;
        private final String id;
        private final List<CompletedPart> sent = new ArrayList<>();

        Parts(String key, String id) {
            this.key = key;
            this.id = id;
        }

        @Override
        public void part(Part part) throws StoreException {
            int number = sent.size() + 1;
            var answer = asking(
                    "writing part " + number + " of " + key,
                    () -> client.uploadPart(
                            request -> request.bucket(bucket)
                                    .key(key)
                                    .uploadId(id)
                                    .partNumber(number)
                                    .contentLength(part.bytes()),
                            body(part)));
            sent.add(CompletedPart.builder()
                    .partNumber(number)
                    .eTag(answer.eTag())
                    .build());
        }

        @Override
        public void commit() throws StoreException {
            asking(
                    "ending to write " + key,
                    () -> client.completeMultipartUpload(request -> request.bucket(bucket)
                            .key(key)
                            .uploadId(id)
                            .ifNoneMatch("*")
                            .multipartUpload(all -> all.parts(sent))));
        }

        @Override
        public void abort() {
            try {
                asking(
                        "giving up " + key,
                        () -> client.abortMultipartUpload(
                                request -> request.bucket(bucket).key(key).uploadId(id)));
            } catch (StoreException e) {
                // Nobody sees the parts; forgetUploads removes them.
            }
        }
    }

    @Override
    public Optional<Opened> get(String key, long from, Optional<String> version) throws StoreException {
        var request = GetObjectRequest.builder().bucket(bucket).key(key);
        version.ifPresent(request::ifMatch);
        if (from > 0) {
            request.range("bytes=" + from + "-");
        }
        try {
            var stream = client.getObject(request.build());
            var answer = stream.response();
            return Optional.of(
                    new Opened(new Body(stream, answer.contentLength()), from + answer.contentLength(), answer.eTag()));
        } catch (S3Exception e) {
            if (isMissing(e)) {
                return Optional.empty();
            }
            throw e.statusCode() == PRECONDITION_FAILED
                    ? StoreException.answered("reading " + key, where, e.statusCode(), "ConditionNotMet", e)
                    : refused("reading " + key, e);
        } catch (SdkClientException e) {
            throw StoreException.unreachable("reading " + key, where, e);
        }
    }

    /** Reading the rest of a large object, only to close it in order, could take hours. */
    private static final class Body extends FilterInputStream {
        private final ResponseInputStream<GetObjectResponse> response;
        private long left;

        Body(ResponseInputStream<GetObjectResponse> response, long bytes) {
            super(response);
            this.response = response;
            this.left = bytes;
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            left -= b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int n = in.read(bytes, offset, length);
                left -= Math.max(n, 0);
                return n;
            } catch (SdkClientException e) {
                throw new IOException("the connection broke: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() throws IOException {
            if (left > 0) {
                response.abort();
            } else {
                response.close();
            }
        }
    }

    @Override
    public Optional<Stat> stat(String key) throws StoreException {
        try {
            var head = client.headObject(request -> request.bucket(bucket).key(key));
            return Optional.of(new Stat(
                    head.contentLength(), head.lastModified(), head.metadata().getOrDefault(WRITER, "")));
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND) {
                return Optional.empty();
            }
            throw refused("looking for " + key, e);
        } catch (SdkClientException e) {
            throw StoreException.unreachable("looking for " + key, where, e);
        }
    }

    @Override
    public void list(String prefix, Consumer<Found> each) throws StoreException {
        asking("listing " + prefix, () -> {
            client.listObjectsV2Paginator(request -> request.bucket(bucket).prefix(prefix))
                    .contents()
                    .forEach(object -> each.accept(new Found(object.key(), object.size(), object.lastModified())));
            return true;
        });
    }

    @Override
    public void delete(String key) throws StoreException {
        asking(
                "deleting " + key,
                () -> client.deleteObject(request -> request.bucket(bucket).key(key)));
    }

    @Override
    public int forgetUploads(String prefix, Instant before) throws StoreException {
        var old =
                asking(
                        "listing unfinished uploads below " + prefix,
                        () -> client
                                .listMultipartUploadsPaginator(
                                        request -> request.bucket(bucket).prefix(prefix))
                                .uploads()
                                .stream()
                                .filter(upload -> upload.initiated().isBefore(before))
                                .toList());
        for (MultipartUpload upload : old) {
            asking(
                    "giving up " + upload.key(),
                    () -> client.abortMultipartUpload(
                            request -> request.bucket(bucket).key(upload.key()).uploadId(upload.uploadId())));
        }
        return old.size();
    }

    private static boolean isMissing(S3Exception e) {
        return e.statusCode() == NOT_FOUND && !code(e).equals("NoSuchBucket");
    }

    private <T> T asking(String doing, Supplier<T> request) throws StoreException {
        try {
            return request.get();
        } catch (S3Exception e) {
            throw refused(doing, e);
        } catch (SdkClientException | UncheckedIOException e) {
            throw StoreException.unreachable(doing, where, e);
        }
    }

    private StoreException refused(String doing, S3Exception e) {
        return StoreException.answered(doing, where, e.statusCode(), code(e), e);
    }

    private static String code(S3Exception e) {
        var details = e.awsErrorDetails();
        return details == null || details.errorCode() == null ? "" : details.errorCode();
    }
}
