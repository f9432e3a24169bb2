package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.config.PostgresUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Who may connect when the configuration says nothing: the OS user by socket, everybody else by password, members to replicate. Written
 * once, then it is the user's file.
 */
final class DefaultAccess {
    private static final Logger LOG = Logger.getLogger(DefaultAccess.class);
    private static final String HEADER =
            "# Written once, because the configuration has no postgresql.pg_hba; from now on it is yours.\n";

    private DefaultAccess() {}

    static List<String> lines(PostgresSettings settings) {
        List<String> lines = new ArrayList<>();
        lines.add("local all all peer");
        PostgresUser superuser = settings.config().authentication().superuser();
        if (superuser.password().isEmpty()) {
            LOG.warn(
                    "no password is configured for PostgreSQL's superuser: anybody on this machine can log in as superuser over"
                            + " loopback; set postgresql.authentication.superuser.password or postgresql.pg_hba");
            String user = Quoting.identifier(superuser.username());
            lines.add("host all " + user + " 127.0.0.1/32 trust");
            lines.add("host all " + user + " ::1/128 trust");
        }
        lines.add("host all all all scram-sha-256");
        String replication = Quoting.identifier(
                settings.config().authentication().replication().username());
        lines.add("host replication " + replication + " all scram-sha-256");
        return lines;
    }

    /**
     * What a new cluster begins with.
     *
     * @param ofInitdb the file that initdb wrote, by its options
     */
    static String forNewCluster(PostgresSettings settings, String ofInitdb) {
        List<String> configured = settings.local().bootstrap().pgHba();
        return configured.isEmpty()
                ? HEADER + String.join("\n", lines(settings)) + "\n"
                : ofInitdb.stripTrailing() + "\n\n# bootstrap.pg_hba\n" + String.join("\n", configured) + "\n";
    }

    /** A clone of a PostgreSQL that keeps its files elsewhere brings none. */
    static boolean writeIfMissing(PostgresSettings settings) throws IOException {
        boolean written = false;
        Path hba = settings.hbaFile();
        if (!settings.effective().hbaManaged()
                && !settings.parameters().file().containsKey("hba_file")
                && !Files.exists(hba)) {
            written = DurableFiles.write(hba, HEADER + String.join("\n", lines(settings)) + "\n");
        }
        Path ident = settings.identFile();
        if (!settings.effective().identManaged()
                && !settings.parameters().file().containsKey("ident_file")
                && !Files.exists(ident)) {
            written |= DurableFiles.write(ident, "# No mappings of user names.\n");
        }
        return written;
    }
}
