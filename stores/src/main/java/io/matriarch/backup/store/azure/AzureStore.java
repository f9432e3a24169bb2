package io.matriarch.backup.store.azure;

import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.options.BlobInputStreamOptions;
import com.azure.storage.blob.options.BlockBlobCommitBlockListOptions;
import com.azure.storage.blob.options.BlockBlobSimpleUploadOptions;
import com.azure.storage.blob.specialized.BlockBlobClient;
import io.matriarch.backup.repository.ObjectStore;
import io.matriarch.backup.repository.StoreException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A container of block blobs. */
final class AzureStore implements ObjectStore {
    private static final String WRITER = "writer";
    private static final int PRECONDITION_FAILED = 412;
    private static final int NOT_FOUND = 404;
    private static final int READ_BYTES = 4 << 20;

    private final BlobContainerClient container;
    private final String where;

    AzureStore(BlobContainerClient container, String where) {
        this.container = container;
        this.where = where;
    }

    @Override
    public String where() {
        return where;
    }

    private BlockBlobClient blob(String key) {
        return container.getBlobClient(key).getBlockBlobClient();
    }

    private static BlobRequestConditions absent() {
        return new BlobRequestConditions().setIfNoneMatch("*");
    }

    private static BinaryData data(Part part) {
        return switch (part) {
            case Part.Memory memory -> BinaryData.fromByteBuffer(ByteBuffer.wrap(memory.content(), 0, memory.length()));
            case Part.Range range -> BinaryData.fromFile(range.file(), range.position(), range.bytes());
        };
    }

    @Override
    public void put(String key, Part content, String writer) throws StoreException {
        writing(
                "writing " + key,
                () -> blob(key)
                        .uploadWithResponse(
                                new BlockBlobSimpleUploadOptions(data(content))
                                        .setRequestConditions(absent())
                                        .setMetadata(Map.of(WRITER, writer)),
                                null,
                                Context.NONE));
    }

    @Override
    public Upload upload(String key, String writer) {
        return new Blocks(key, writer);
    }

    private final class Blocks implements Upload {
        private final String key;
        private final String writer;
        private final List<String> sent = new ArrayList<>();

        Blocks(String key, String writer) {
            this.key = key;
            this.writer = writer;
        }

        /** The writer's mark keeps apart what two of them send for one name; all names of blocks are of one length. */
        @Override
        public void part(Part part) throws StoreException {
            var name = String.format("%s-%05d", writer, sent.size());
            var id = Base64.getEncoder().encodeToString(name.getBytes(StandardCharsets.US_ASCII));
            writing("writing part " + (sent.size() + 1) + " of " + key, () -> {
                blob(key).stageBlock(id, data(part));
                return true;
            });
            sent.add(id);
        }

        @Override
        public void commit() throws StoreException {
            writing(
                    "ending to write " + key,
                    () -> blob(key)
                            .commitBlockListWithResponse(
                                    new BlockBlobCommitBlockListOptions(sent)
                                            .setRequestConditions(absent())
                                            .setMetadata(Map.of(WRITER, writer)),
                                    null,
                                    Context.NONE));
        }

        @Override
        public void abort() {
            // Blocks that nobody commits are no blob; the store removes them within a week.
        }
    }

    @Override
    public Optional<Opened> get(String key, long from, Optional<String> version) throws StoreException {
        var conditions = new BlobRequestConditions();
        version.ifPresent(conditions::setIfMatch);
        var options = new BlobInputStreamOptions()
                .setBlockSize(READ_BYTES)
                .setRange(new BlobRange(from))
                .setRequestConditions(conditions);
        try {
            var in = blob(key).openInputStream(options);
            var properties = in.getProperties();
            return Optional.of(new Opened(new Body(in), properties.getBlobSize(), properties.getETag()));
        } catch (BlobStorageException e) {
            if (isMissing(e)) {
                return Optional.empty();
            }
            throw refused("reading " + key, e);
        } catch (RuntimeException e) {
            throw StoreException.unreachable("reading " + key, where, e);
        }
    }

    /** The SDK's exceptions are none of {@link IOException}. */
    private static final class Body extends FilterInputStream {
        Body(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return in.read(bytes, offset, length);
            } catch (RuntimeException e) {
                throw new IOException("the connection broke: " + e.getMessage(), e);
            }
        }
    }

    @Override
    public Optional<Stat> stat(String key) throws StoreException {
        try {
            var found = blob(key).getProperties();
            return Optional.of(new Stat(
                    found.getBlobSize(),
                    found.getLastModified().toInstant(),
                    found.getMetadata().getOrDefault(WRITER, "")));
        } catch (BlobStorageException e) {
            if (isMissing(e)) {
                return Optional.empty();
            }
            throw refused("looking for " + key, e);
        } catch (RuntimeException e) {
            throw StoreException.unreachable("looking for " + key, where, e);
        }
    }

    @Override
    public void list(String prefix, Consumer<Found> each) throws StoreException {
        reading("listing " + prefix, () -> {
            container
                    .listBlobs(new ListBlobsOptions().setPrefix(prefix), null)
                    .forEach(item -> each.accept(new Found(
                            item.getName(),
                            item.getProperties().getContentLength(),
                            item.getProperties().getLastModified().toInstant())));
            return true;
        });
    }

    @Override
    public void delete(String key) throws StoreException {
        reading("deleting " + key, () -> blob(key).deleteIfExists());
    }

    @Override
    public int forgetUploads(String prefix, Instant before) {
        return 0;
    }

    private static boolean isMissing(BlobStorageException e) {
        return e.getStatusCode() == NOT_FOUND && !code(e).equals(BlobErrorCode.CONTAINER_NOT_FOUND.toString());
    }

    private <T> T reading(String doing, Supplier<T> request) throws StoreException {
        try {
            return request.get();
        } catch (BlobStorageException e) {
            throw refused(doing, e);
        } catch (RuntimeException e) {
            throw StoreException.unreachable(doing, where, e);
        }
    }

    /** The only condition of a write is that nothing is there. */
    private <T> T writing(String doing, Supplier<T> request) throws StoreException {
        try {
            return request.get();
        } catch (BlobStorageException e) {
            throw e.getStatusCode() == PRECONDITION_FAILED
                    ? StoreException.answered(doing, where, PRECONDITION_FAILED, "PreconditionFailed", e)
                    : refused(doing, e);
        } catch (RuntimeException e) {
            throw StoreException.unreachable(doing, where, e);
        }
    }

    private StoreException refused(String doing, BlobStorageException e) {
        return StoreException.answered(doing, where, e.getStatusCode(), code(e), e);
    }

    private static String code(BlobStorageException e) {
        return e.getErrorCode() == null ? "" : e.getErrorCode().toString();
    }
}
