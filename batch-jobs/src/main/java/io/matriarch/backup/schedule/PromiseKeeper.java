package io.matriarch.backup.schedule;

import io.matriarch.backup.ManagerBoard;
import io.matriarch.backup.ManagerBoard.Promise;
import io.matriarch.backup.WalBoard;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.catalogue.CatalogueCopy;
import io.matriarch.backup.manager.Tenure;
import io.matriarch.backup.manager.Tenures;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.Coordination;
import io.matriarch.ha.model.BackupPolicy;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Judges the promises again and again on the elected manager, and says once when one is broken or kept again. */
final class PromiseKeeper {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    private final BackupFacts cluster;
    private final Coordination etcd;
    private final Tenures tenures;
    private final ManagerBoard board;
    private final WalBoard wal;
    private final Supplier<Optional<BackupPolicy>> policy;
    private final Supplier<Optional<Promise>> channel;
    private final Supplier<Duration> sinceTurn;
    private final Clock clock;
    private final Map<String, Promise> said = new HashMap<>();
    private Optional<Instant> since = Optional.empty();

    /**
     * Makes one.
     *
     * @param policy in force, as the scheduler read it last
     * @param channel whether alarms reach who is to hear them
     * @param sinceTurn how long ago the scheduler ended a turn
     */
    PromiseKeeper(
            BackupFacts cluster,
            Coordination etcd,
            Tenures tenures,
            ManagerBoard board,
            WalBoard wal,
            Supplier<Optional<BackupPolicy>> policy,
            Supplier<Optional<Promise>> channel,
            Supplier<Duration> sinceTurn,
            Clock clock) {
        this.cluster = cluster;
        this.etcd = etcd;
        this.tenures = tenures;
        this.board = board;
        this.wal = wal;
        this.policy = policy;
        this.channel = channel;
        this.sinceTurn = sinceTurn;
        this.clock = clock;
    }

    /** One turn. Blocks as long as the repository does. */
    void turn() {
        var settings = cluster.settings();
        var wanted = policy.get();
        var tenure = tenures.current();
        if (tenure.isEmpty() || settings.isEmpty() || wanted.isEmpty()) {
            since = Optional.empty();
            said.clear();
            board.showNone();
            return;
        }
        var begun = since.orElseGet(clock::instant);
        since = Optional.of(begun);
        board.judging();
        List<Promise> judged;
        try {
            var listing = new Catalogue(Repositories.open(settings.get())).list();
            judged = new ArrayList<>(Promises.judge(listing, wanted.get(), begun, clock.instant()));
            judged.add(follow(listing, tenure.get()));
        } catch (IOException e) {
            judged = List.of(new Promise(
                    Promises.REPOSITORY,
                    Promise.State.UNKNOWN,
                    "the repository cannot be read (" + e.getMessage() + "): nobody knows what backups there are"));
        }
        var all = new ArrayList<>(judged);
        Promises.wal(wal.status(), settings.get().walSegmentTime(), begun, clock.instant())
                .ifPresent(all::add);
        channel.get().ifPresent(all::add);
        all.add(Promises.scheduler(sinceTurn.get()));
        if (!tenures.current().equals(tenure)) {
            // It took so long that another one judges now.
            return;
        }
        board.show(all);
        all.forEach(this::say);
    }

    /** Brings etcd's copy of the catalogue up to date, and says whether the repository holds all that etcd knows of. */
    private Promise follow(Catalogue.Listing listing, Tenure tenure) {
        var copy = new CatalogueCopy(etcd);
        try {
            copy.follow(listing, tenure.licence());
            return copy.missing(listing)
                    .map(what -> new Promise(Promises.REPOSITORY, Promise.State.BROKEN, what, what))
                    .orElseGet(() -> new Promise(
                            Promises.REPOSITORY, Promise.State.KEPT, "the repository holds all that etcd knows of"));
        } catch (IOException e) {
            return new Promise(
                    Promises.REPOSITORY,
                    Promise.State.UNKNOWN,
                    "whether the repository holds all that etcd knows of cannot be asked: " + e.getMessage());
        }
    }

    private void say(Promise promise) {
        var before = Optional.ofNullable(said.put(promise.name(), promise));
        if (promise.state() == Promise.State.KEPT) {
            if (before.filter(p -> p.state() != Promise.State.KEPT).isPresent()) {
                LOG.infof("[promise-kept-again] %s: %s", promise.name(), promise.sentence());
            }
        } else if (before.filter(promise::standsAs).isEmpty()) {
            LOG.errorf("[promise-broken] %s: %s", promise.name(), promise.sentence());
        }
    }
}
