package io.matriarch.backup.restore;

import io.matriarch.backup.restore.Refusal.Rule;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The directory of a restore before there is anything of it: what is there is refused or set aside, and never deleted. */
final class Place {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    /** What a restore that never began may have left. */
    private static final Set<String> OF_NO_RESTORE = Set.of("wal", "configuration", "restore.json.new");

    private static final String DISCARDED = "discarded";
    private static final String FACT_STAMP = "set_aside_as";

    private final Site site;
    private final Places places;
    private final RestoreRequest request;

    Place(Site site, Places places, RestoreRequest request) {
        this.site = site;
        this.places = places;
        this.request = request;
    }

    /**
     * The restore that was begun here and is to go on; empty if a new one is to begin.
     *
     * @throws RefusedException if neither may be
     */
    Optional<Ledger> begun() throws IOException {
        for (var other : site.forbidden()) {
            if (other.touches(places.data())) {
                throw taken(places.data() + " lies in, or holds, " + other.what());
            }
        }
        Path parent = places.data().resolveSibling(".").normalize();
        if (!Files.isDirectory(parent)) {
            throw taken(parent + " is no directory: make it, on a volume with room for the whole cluster");
        }
        var there = Ledger.read(places.ledger());
        if (there.isEmpty()) {
            mustBeFree();
            return Optional.empty();
        }
        var ledger = there.get();
        boolean finished = ledger.isDone(RestoreStep.HANDOVER);
        if (request.continues(ledger.request()) && !(finished && request.setAside())) {
            return there;
        }
        mustNotRun();
        if (!finished || !request.setAside()) {
            throw new RefusedException(new Refusal(
                    Rule.OTHER_RESTORE,
                    places.data() + " holds " + (finished ? "a finished restore" : "the beginning of a restore")
                            + " of another wish: " + ledger.request().json(),
                    List.of(
                            finished
                                    ? "the same directory with \"set_aside\": true"
                                    : "that restore's end, by the same wish again; or remove " + places.data() + " and "
                                            + places.home(),
                            "another directory")));
        }
        mustHaveNoTablespaces();
        return Optional.empty();
    }

    private void mustBeFree() throws IOException {
        mustNotRun();
        if (!names(places.home()).stream().allMatch(OF_NO_RESTORE::contains)) {
            throw taken(places.home() + ", which a restore needs, is not empty");
        }
        if (!request.setAside() && !names(places.data()).isEmpty()) {
            throw taken(places.data() + " is not empty");
        }
        mustHaveNoTablespaces();
    }

    /** Links in the data directory lead there: they would be broken by another name. */
    private void mustHaveNoTablespaces() throws IOException {
        if (!names(places.tablespaces()).isEmpty()) {
            throw new RefusedException(new Refusal(
                    Rule.DIRECTORY_TAKEN,
                    places.tablespaces() + " is not empty, and cannot be set aside: links lead there",
                    List.of("another directory")));
        }
    }

    private void mustNotRun() throws IOException {
        if (Files.exists(places.data().resolve("postmaster.pid"))
                && site.instance(places).runs()) {
            throw new RefusedException(new Refusal(
                    Rule.SERVER_RUNS,
                    "a PostgreSQL runs on " + places.data(),
                    List.of("stop it with pg_ctl -D " + places.data() + " stop", "another directory")));
        }
    }

    private static RefusedException taken(String why) {
        return new RefusedException(
                new Refusal(Rule.DIRECTORY_TAKEN, why, List.of("another directory", "\"set_aside\": true renames it")));
    }

    /** Names of what is in a directory; one that is not there has nothing in it. */
    private static Set<String> names(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return Set.of();
        }
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw taken(directory + " is no directory");
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> String.valueOf(f.getFileName())).collect(Collectors.toSet());
        }
    }

    /** Renames a finished restore as a whole, before another begins in its place. */
    void setAsideFinished(Instant now) throws IOException {
        if (Files.exists(places.ledger())) {
            var stamp = STAMP.format(now);
            // The ledger goes last: until then a second try finds it and goes on.
            rename(places.data(), stamp);
            rename(places.home(), stamp);
        }
    }

    /** Makes the empty data directory; what was there goes aside first. */
    void prepare(Ledger ledger, Instant now) throws IOException {
        boolean ours = Files.exists(places.marker());
        if (!ours && request.setAside()) {
            if (ledger.text(FACT_STAMP).isEmpty()) {
                ledger.record(FACT_STAMP, STAMP.format(now));
            }
            var stamp = ledger.text(FACT_STAMP).orElseThrow();
            if (!names(places.data()).isEmpty()) {
                rename(places.data(), stamp);
            }
        }
        if (!ours) {
            mustBeEmpty();
        }
        empty();
    }

    private void mustBeEmpty() throws IOException {
        if (!names(places.data()).isEmpty()) {
            throw taken(places.data() + " is not empty any more");
        }
    }

    /** The data directory with nothing in it but the mark that it is not whole. Only for one that is this restore's. */
    void empty() throws IOException {
        if (Files.exists(places.marker())) {
            // Away under this name at once, so that no half of it is taken for somebody's own.
            Path discarded = places.home().resolve(DISCARDED);
            site.remove(discarded);
            site.run("mv", "-T", places.data().toString(), discarded.toString());
            site.remove(discarded);
        }
        mustBeEmpty();
        site.run("mkdir", "-p", "-m", "700", places.data().toString());
        site.run("chmod", "700", places.data().toString());
        site.run("touch", places.marker().toString());
    }

    /** @throws RefusedException if there is not the room that the plan needs */
    void mustHaveRoom(Plan plan) throws IOException {
        long free = Files.getFileStore(places.data().resolveSibling(".").normalize())
                .getUsableSpace();
        if (free < plan.neededBytes()) {
            throw new RefusedException(new Refusal(
                    Rule.NO_ROOM,
                    "the volume of " + places.data() + " has " + free + " bytes free, the restore needs about "
                            + plan.neededBytes(),
                    List.of("a directory on a larger volume")));
        }
    }

    /** The port that was asked for, or one that is free. */
    int port() throws IOException {
        var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(loopback, request.port().orElse(0)));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new RefusedException(new Refusal(
                    Rule.PORT_TAKEN,
                    "port " + request.port().orElse(0) + " of 127.0.0.1 cannot be used: " + e.getMessage(),
                    List.of("another port, or none: then a free one is taken")));
        }
    }

    private void rename(Path path, String stamp) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            site.run("mv", "-T", path.toString(), Places.aside(path, stamp).toString());
        }
    }
}
