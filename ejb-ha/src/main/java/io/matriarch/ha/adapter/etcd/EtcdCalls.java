package io.matriarch.ha.adapter.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.grpc.Channel;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** etcd's requests as we use them. */
final class EtcdCalls {
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private EtcdCalls() {}

    static KVGrpc.KVBlockingStub kv(Channel channel, Deadline deadline) {
        return KVGrpc.newBlockingStub(channel).withDeadline(deadline);
    }

    static long grant(Channel channel, Deadline deadline, long ttlSeconds) {
        return LeaseGrpc.newBlockingStub(channel)
                .withDeadline(deadline)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build())
                .getID();
    }

    /** One request, one answer, on a stream of its own. @return the time to live in seconds; 0 or less when the lease is gone */
    static long keepAlive(Channel channel, Deadline deadline, long lease) {
        var answer = new CompletableFuture<Long>();
        StreamObserver<LeaseKeepAliveRequest> sink = LeaseGrpc.newStub(channel)
                .withDeadline(deadline)
                .leaseKeepAlive(new StreamObserver<>() {
                    @Override
                    public void onNext(LeaseKeepAliveResponse response) {
                        answer.complete(response.getTTL());
                    }

                    @Override
                    public void onError(Throwable cause) {
                        answer.completeExceptionally(cause);
                    }

                    @Override
                    public void onCompleted() {
                        answer.completeExceptionally(
                                Status.UNAVAILABLE.withDescription("no answer").asRuntimeException());
                    }
                });
        try {
            sink.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
            sink.onCompleted();
        } catch (IllegalStateException e) {
            // The stream ended before it began; its observer says why.
        }
        return await(answer, deadline);
    }

    private static long await(CompletableFuture<Long> answer, Deadline deadline) {
        try {
            return answer.get(deadline.timeRemaining(TimeUnit.NANOSECONDS) + GRACE_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Status.CANCELLED.withDescription("interrupted").withCause(e).asRuntimeException();
        } catch (TimeoutException e) {
            throw Status.DEADLINE_EXCEEDED.withCause(e).asRuntimeException();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw cause instanceof StatusRuntimeException status
                    ? status
                    : Status.fromThrowable(cause).asRuntimeException();
        }
    }

    static RawKey raw(Keys keys, KeyValue kv) {
        return new RawKey(
                keys.relative(kv.getKey()).orElse(""),
                kv.getValue().toStringUtf8(),
                kv.getLease(),
                kv.getCreateRevision(),
                kv.getModRevision());
    }

    static Compare isAbsent(ByteString key) {
        return compare(key)
                .setTarget(Compare.CompareTarget.CREATE)
                .setCreateRevision(0)
                .build();
    }

    /** Holds while the key is the one that was created at that revision, however often it was written since. */
    static Compare isCreatedAt(ByteString key, long createRevision) {
        return compare(key)
                .setTarget(Compare.CompareTarget.CREATE)
                .setCreateRevision(createRevision)
                .build();
    }

    static Compare isUnchanged(ByteString key, long modRevision) {
        return compare(key)
                .setTarget(Compare.CompareTarget.MOD)
                .setModRevision(modRevision)
                .build();
    }

    /** Holds for every key, also for a missing one: no revision is below zero. */
    static Compare always(ByteString key) {
        return compare(key)
                .setResult(Compare.CompareResult.GREATER)
                .setTarget(Compare.CompareTarget.MOD)
                .setModRevision(-1)
                .build();
    }

    static Compare hasValue(ByteString key, String value) {
        return compare(key)
                .setTarget(Compare.CompareTarget.VALUE)
                .setValue(ByteString.copyFromUtf8(value))
                .build();
    }

    private static Compare.Builder compare(ByteString key) {
        return Compare.newBuilder().setKey(key).setResult(Compare.CompareResult.EQUAL);
    }

    static RequestOp put(ByteString key, String value, long lease) {
        return RequestOp.newBuilder()
                .setRequestPut(putRequest(key, value, lease))
                .build();
    }

    static PutRequest putRequest(ByteString key, String value, long lease) {
        return PutRequest.newBuilder()
                .setKey(key)
                .setValue(ByteString.copyFromUtf8(value))
                .setLease(lease)
                .build();
    }

    static RequestOp delete(ByteString key) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
                .build();
    }

    /** All keys from the first to before the second. */
    static RequestOp get(ByteString first, ByteString end) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(first).setRangeEnd(end))
                .build();
    }

    static RequestOp get(ByteString key) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(key))
                .build();
    }
}
