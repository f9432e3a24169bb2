package io.matriarch.backup.restore;

import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.model.SystemIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One restore beside the cluster, step by step. Each step asks the ledger whether it was done, does it, proves it, and records it; so a
 * restore that was interrupted anywhere goes on when the same is asked for again, and a step may be repeated at will.
 */
final class StandaloneRestore {
    private static final String PORT = "port";
    private static final String LEAST = "least_";
    private static final String TABLES = "tables";
    private static final String ROWS = "rows";
    private static final String COLLATIONS = "other_collations";

    private final Site site;
    private final RestoreRequest request;
    private final Places places;
    private final Place place;
    private final Clock clock;

    StandaloneRestore(Site site, RestoreRequest request, Clock clock) {
        this.site = site;
        this.request = request;
        this.places = new Places(request.directory());
        this.place = new Place(site, places, request);
        this.clock = clock;
    }

    /**
     * Does a step, unless it is done; blocks until then.
     *
     * @return whether there was something to do
     * @throws IOException if it could not be done: asking for the same again begins with this step
     */
    boolean run(RestoreStep step) throws IOException {
        site.progress().mayGoOn();
        site.progress().says(step.doing());
        Instant began = clock.instant();
        var begun = place.begun();
        if (begun.isEmpty() && step == RestoreStep.PLAN) {
            plan(began);
            return true;
        }
        var ledger = begun.orElseThrow(
                () -> new IOException("there is no restore in " + places.home() + " any more: begin anew"));
        if (ledger.isDone(step)) {
            return false;
        }
        switch (step) {
            case PLAN -> {}
            case PRECHECK -> precheck(ledger, began);
            case WAL -> wal(ledger);
            case EXTRACT -> new Extraction(site, places, ledger.plan()).run(place);
            case CONFIGURE -> new Recovery(site, places, ledger).configure(port(ledger), least(ledger));
            case RECOVER -> recover(new Recovery(site, places, ledger));
            case VERIFY -> verify(ledger, new Recovery(site, places, ledger));
            case PROMOTE -> promote(new Recovery(site, places, ledger));
            case HANDOVER -> handOver(ledger);
        }
        ledger.done(step, clock.instant(), Duration.between(began, clock.instant()));
        return true;
    }

    /**
     * The plan of the restore that was begun here, or of one that could begin; nothing is touched.
     *
     * @throws RefusedException if it cannot be done here: target, versions, directory, room, port
     */
    Plan preview() throws IOException {
        var begun = place.begun();
        if (begun.isPresent()) {
            return begun.get().plan();
        }
        var plan = planned(site.survey().plan(request));
        place.mustHaveRoom(plan);
        place.port();
        return plan;
    }

    private static Plan planned(RestorePlanner.Outcome outcome) throws RefusedException {
        if (outcome.refusal().isPresent()) {
            throw new RefusedException(outcome.refusal().get());
        }
        return outcome.plan().orElseThrow();
    }

    private void plan(Instant began) throws IOException {
        place.setAsideFinished(began);
        // WAL that an attempt before left there may be of another cluster.
        site.remove(places.home());
        site.run("mkdir", "-p", "-m", "700", places.home().toString());
        site.run("mkdir", "-p", places.wal().toString(), places.configuration().toString());
        var outcome = site.survey().plan(request, Optional.of(places.wal()), site.progress()::says);
        if (outcome.refusal().isPresent()) {
            site.remove(places.home());
        }
        var ledger = Ledger.begin(places.ledger(), request, planned(outcome));
        ledger.done(RestoreStep.PLAN, clock.instant(), Duration.between(began, clock.instant()));
    }

    private void precheck(Ledger ledger, Instant now) throws IOException {
        place.mustHaveRoom(ledger.plan());
        if (ledger.number(PORT).isEmpty()) {
            ledger.record(PORT, (long) place.port());
        }
        place.prepare(ledger, now);
    }

    private void wal(Ledger ledger) throws IOException {
        var plan = ledger.plan();
        var shelf = new WalShelf(places.wal(), new WalArchive(site.repository(), new SystemIdentifier(plan.system())));
        long each = plan.wal().isEmpty() ? 0 : plan.walBytes() / plan.wal().size();
        long done = 0;
        for (var needed : plan.wal()) {
            site.progress().mayGoOn();
            shelf.fetch(needed);
            done += each;
            site.progress().at("fetching WAL", done, plan.walBytes());
        }
        shelf.fetchHistories();
        if (!plan.wal().isEmpty()) {
            Path first = places.wal().resolve(plan.wal().getFirst().name().toString());
            var size = new SegmentSize(Math.toIntExact(Files.size(first)));
            var largest = new TreeMap<String, Long>();
            new WalDump(site.programs(), places.wal())
                    .readAll(
                            plan.wal(),
                            size,
                            needed -> size.end(needed.name()),
                            "XLOG",
                            item -> item.parameters().forEach((name, value) -> largest.merge(name, value, Math::max)));
            for (var entry : largest.entrySet()) {
                ledger.record(LEAST + entry.getKey(), entry.getValue());
            }
        }
    }

    private static Map<String, Long> least(Ledger ledger) {
        return Stream.of(
                        "max_connections",
                        "max_worker_processes",
                        "max_wal_senders",
                        "max_prepared_transactions",
                        "max_locks_per_transaction")
                .filter(name -> ledger.number(LEAST + name).isPresent())
                .collect(Collectors.toMap(
                        name -> name, name -> ledger.number(LEAST + name).orElseThrow()));
    }

    private static int port(Ledger ledger) throws IOException {
        return ledger.number(PORT)
                .map(Long::intValue)
                .orElseThrow(() -> new IOException("the ledger names no port: the step precheck is missing"));
    }

    private static void recover(Recovery recovery) throws IOException {
        recovery.start();
        if (!recovery.recovers()) {
            throw new IOException("the restored PostgreSQL is writable already, though nobody promoted it");
        }
        recovery.awaitTarget();
        recovery.proveTarget();
    }

    private void verify(Ledger ledger, Recovery recovery) throws IOException {
        recovery.start();
        if (request.promote()) {
            var counts = recovery.read();
            if (counts.fault().isPresent()) {
                throw new IOException(counts.fault().get());
            }
            ledger.record(TABLES, (long) counts.rows().size());
            ledger.record(ROWS, counts.allRows());
        }
        var collations = recovery.otherCollations(recovery.major());
        if (collations.isPresent()) {
            ledger.record(COLLATIONS, collations.get());
        }
    }

    private void promote(Recovery recovery) throws IOException {
        if (request.promote()) {
            recovery.start();
            recovery.promote();
        }
    }

    private void handOver(Ledger ledger) throws IOException {
        new Recovery(site, places, ledger).start();
        if (request.promote()) {
            site.remove(places.wal());
        }
        ledger.record("handed_over", sentence(ledger));
    }

    /** The backup that it reads; empty before it is planned. */
    Optional<String> label() throws IOException {
        return Ledger.read(places.ledger()).map(ledger -> ledger.plan().label());
    }

    /** What the user needs to know in the end; empty before. */
    String handedOver() throws IOException {
        return Ledger.read(places.ledger())
                .flatMap(ledger -> ledger.text("handed_over"))
                .orElse("");
    }

    private String sentence(Ledger ledger) throws IOException {
        var plan = ledger.plan();
        var data = places.data();
        var commit = ledger.text("last_commit").filter(t -> !t.isBlank());
        var text = new StringBuilder(plan.label())
                .append(" is restored in ")
                .append(data)
                .append(site.machine().map(m -> " on " + m).orElse(""))
                .append(" up to ")
                .append(ledger.text("replayed_to").orElse("?"));
        commit.ifPresent(at -> text.append(" (last commit ").append(at).append(')'));
        if (request.promote()) {
            text.append(String.format(
                    Locale.ROOT,
                    ", %d rows in %d tables read",
                    ledger.number(ROWS).orElse(0L),
                    ledger.number(TABLES).orElse(0L)));
        } else {
            text.append(", paused there; its tables were not read: what the target cut off may hold locks");
        }
        text.append(". ");
        ledger.text(COLLATIONS)
                .ifPresent(
                        databases -> text.append("The collations of ")
                                .append(databases)
                                .append(
                                        " are of another version here: rebuild their indexes on text before you rely on them. "));
        if (!request.promote()) {
            text.append("It is open for reading; it becomes writable with: ")
                    .append(site.programs().postgres().apply(Path.of("pg_ctl")))
                    .append(" promote -D ")
                    .append(data)
                    .append(". ");
        }
        return text.append(site.machine().map(m -> "There, connect: ").orElse("Connect: "))
                .append("psql -h 127.0.0.1 -p ")
                .append(port(ledger))
                .append(" -U ")
                .append(site.superuser())
                .append(" (its owner also with -h ")
                .append(places.home())
                .append(", without a password). Stop: ")
                .append(site.programs().postgres().apply(Path.of("pg_ctl")))
                .append(" stop -D ")
                .append(data)
                .append(". Then remove: rm -r ")
                .append(data)
                .append(' ')
                .append(places.home())
                .append(Files.exists(places.tablespaces()) ? " " + places.tablespaces() : "")
                .toString();
    }
}
