package io.matriarch.backup.restore;

import io.matriarch.ha.model.Lsn;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The moment that a restore is to reach. */
public sealed interface RecoveryTarget {

    /** For people. */
    String words();

    /** All WAL that follows the backup without a hole. */
    record Latest() implements RecoveryTarget {
        @Override
        public String words() {
            return "the latest moment";
        }
    }

    /** The end of the backup itself: no WAL besides its own. */
    record Immediate() implements RecoveryTarget {
        @Override
        public String words() {
            return "the end of the backup";
        }
    }

    /** All that was committed until then. */
    record AtTime(Instant time) implements RecoveryTarget {
        private static final DateTimeFormatter POSTGRES = DateTimeFormatter.ofPattern(
                        "yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
                .withZone(ZoneOffset.UTC);

        @Override
        public String words() {
            return time.toString();
        }

        /** As PostgreSQL reads it, whatever its time zone is. */
        String setting() {
            return POSTGRES.format(time) + "+00";
        }
    }

    /** All until the first record that begins at this position or behind it. */
    record AtLsn(Lsn lsn) implements RecoveryTarget {
        @Override
        public String words() {
            return "LSN " + lsn;
        }
    }

    /** A restore point that {@code pg_create_restore_point} wrote. */
    record AtName(String name) implements RecoveryTarget {
        @Override
        public String words() {
            return "the restore point \"" + name + "\"";
        }
    }

    /** The end of a transaction, that included. */
    record AtXid(long xid) implements RecoveryTarget {
        @Override
        public String words() {
            return "transaction " + xid;
        }
    }
}
