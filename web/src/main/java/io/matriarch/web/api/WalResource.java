package io.matriarch.web.api;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.Job;
import io.matriarch.backup.WalBoard;
import io.matriarch.backup.WalStatus;
import io.matriarch.ha.json.Json;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The manager's WAL stream, and the proof that it left no hole. Problems come as RFC 9457 documents. */
@Path("/v1/wal")
@Produces(MediaType.APPLICATION_JSON)
@Elected
public class WalResource {
    private final BackupJobs jobs;
    private final WalBoard board;

    /** RESTEasy makes resources itself and takes only constructors that it can fill. */
    public WalResource() {
        this(
                CDI.current().select(BackupJobs.class).get(),
                CDI.current().select(WalBoard.class).get());
    }

    WalResource(BackupJobs jobs, WalBoard board) {
        this.jobs = jobs;
        this.board = board;
    }

    /** How far the stream is; only the elected manager has one. */
    @GET
    @Elected
    public Response status() {
        return Response.ok(Json.spaced(document(board.status(), Instant.now()))).build();
    }

    /** Starts {@code wal-continuity}. */
    @POST
    @Path("check")
    @Command
    public Response check() {
        if (!jobs.isManager()) {
            return Problem.noManager();
        }
        return Problem.of(jobs.start(Job.WAL_CONTINUITY, Map.of()));
    }

    static Map<String, Object> document(WalStatus wal, Instant now) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("state", wal.state().name());
        out.put("since", wal.since().toString());
        Optional.of(wal.why()).filter(why -> !why.isEmpty()).ifPresent(why -> out.put("why", why));
        wal.member().ifPresent(member -> out.put("member", member));
        wal.system().ifPresent(system -> out.put("system_identifier", system));
        wal.timeline().ifPresent(timeline -> out.put("timeline", timeline));
        wal.received().ifPresent(lsn -> out.put("received_lsn", lsn));
        wal.durable().ifPresent(lsn -> out.put("durable_lsn", lsn));
        wal.serverEnd().ifPresent(lsn -> out.put("server_lsn", lsn));
        wal.segment().ifPresent(segment -> out.put("last_segment", segment));
        wal.durableAt().ifPresent(at -> {
            out.put("last_stored_at", at.toString());
        });
        wal.completeAt().ifPresent(at -> {
            out.put("complete_at", at.toString());
            out.put("rpo_seconds", Math.max(0, Duration.between(at, now).toSeconds()));
        });
        wal.gap().ifPresent(gap -> out.put("gap", gap));
        return out;
    }
}
