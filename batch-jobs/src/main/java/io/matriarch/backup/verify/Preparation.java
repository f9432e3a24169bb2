package io.matriarch.backup.verify;

import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.restore.WalBehind;
import io.matriarch.backup.sandbox.Halt.HaltedException;
import io.matriarch.backup.sandbox.Room.NoRoomException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The WAL that a replay needs, fetched before the sandbox starts.
 *
 * @param target to replay to; empty: to consistency
 * @param skipped what cannot be checked, and why, where nothing is wrong with the backup
 * @param complaint what is wrong with the WAL; nothing of it is the backup's fault
 */
record Preparation(Optional<Target> target, List<String> skipped, Optional<String> complaint) {

    /** Of PostgreSQL, when the clocks differ. */
    private static final String TOO_EARLY = "before consistent recovery point";

    Preparation {
        skipped = List.copyOf(skipped);
    }

    private static Preparation skips(String why, List<String> more) {
        return new Preparation(
                Optional.empty(),
                Stream.concat(Stream.of("replay to a moment: " + why), more.stream())
                        .toList(),
                Optional.empty());
    }

    /** To consistency, because the replay failed. */
    static Preparation after(Target target, String why) {
        if (why.contains(TOO_EARLY)) {
            return skips(target.moment() + " lies before the end of the backup by the leader's clock", List.of());
        }
        return new Preparation(
                Optional.empty(),
                List.of(),
                Optional.of("its replay to " + target.moment() + " failed, while the backup alone is good: " + why));
    }

    /** The WAL behind the backup, looked for when it is wanted. */
    @FunctionalInterface
    interface Wal {
        WalBehind find() throws IOException;
    }

    /** @throws NoRoomException if what is to be replayed has no room: that says nothing of it */
    static Preparation of(Wish wish, BackupDescription backup, Wal behind, RandomGenerator chance) throws IOException {
        if (!wish.behind()) {
            return new Preparation(Optional.empty(), List.of(), Optional.empty());
        }
        try {
            var wal = behind.find();
            var hole = wal
                    .hole()
                    .map(segment -> "moments behind a hole in the WAL, which is no fault of the backup: " + segment
                            + " is missing though later segments are there")
                    .stream()
                    .toList();
            var last = wal.lastCommit();
            if (last.isEmpty()) {
                return skips("no commit behind the backup is in the repository yet", hole);
            }
            var moment = wish.draw(backup.stoppedAt(), last.get(), chance);
            if (moment.isEmpty()) {
                return skips(
                        wish.named().map(at -> at + " does not lie").orElse("none lies")
                                + " between the end of the backup, " + backup.stoppedAt()
                                + ", and the last commit in the repository, " + last.get(),
                        hole);
            }
            var least = wal.fetch(moment.get());
            return new Preparation(
                    Optional.of(new Target(moment.get(), wal.settings(moment.get()), least)), hole, Optional.empty());
        } catch (HaltedException | NoRoomException e) {
            throw e;
        } catch (IOException e) {
            return new Preparation(
                    Optional.empty(),
                    List.of(),
                    Optional.of(
                            "the WAL behind it cannot be read, which is no fault of the backup: " + e.getMessage()));
        }
    }
}
