package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.config.DynamicConfig;
import io.matriarch.ha.config.EffectiveParameters;
import io.matriarch.ha.config.EffectivePostgres;
import io.matriarch.ha.config.LocalConfig;
import io.matriarch.ha.config.Node;
import io.matriarch.ha.config.PostgresConfig;
import io.matriarch.ha.config.PostgresUser;
import io.matriarch.ha.config.Secret;
import io.matriarch.ha.config.SlotSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The configuration that holds on this member, and where its files are.
 *
 * @param local the member's file
 * @param effective section {@code postgresql} with the dynamic configuration below it
 * @param slots what the dynamic configuration says about slots
 * @param dynamicJson the dynamic configuration as stored; empty when there is none yet
 * @param stateDir the member's state directory
 * @param majorVersion of the PostgreSQL that runs here
 */
public record PostgresSettings(
        LocalConfig local,
        EffectivePostgres effective,
        SlotSettings slots,
        String dynamicJson,
        Path stateDir,
        int majorVersion) {

    /** Brings the member's file and the dynamic configuration together; text that is no JSON object counts as none. */
    public static PostgresSettings of(LocalConfig local, String dynamicJson, Path stateDir, int majorVersion) {
        Node.Mapping stored = DynamicConfig.object(dynamicJson).orElse(Node.Mapping.EMPTY);
        SlotSettings slots =
                DynamicConfig.of(Optional.of(dynamicJson), local, false).slots();
        return new PostgresSettings(
                local, EffectivePostgres.of(stored, local, majorVersion), slots, dynamicJson, stateDir, majorVersion);
    }

    PostgresConfig config() {
        return effective.config();
    }

    EffectiveParameters parameters() {
        return effective.parameters();
    }

    Path dataDir() {
        return config().dataDir();
    }

    /** The generated file. */
    Path mainFile() {
        return config().configDir().resolve(config().configBaseName() + ".conf");
    }

    /** What initdb or a clone left as {@code postgresql.conf}; the generated file includes it. */
    Path baseFile() {
        return config().configDir().resolve(config().configBaseName() + ".base.conf");
    }

    Path hbaFile() {
        return config().configDir().resolve("pg_hba.conf");
    }

    Path identFile() {
        return config().configDir().resolve("pg_ident.conf");
    }

    Path passwordFile() {
        return config().pgpass().orElse(stateDir.resolve("pgpass"));
    }

    /** A user of the configuration as who logs in; the passphrase of a client key becomes one of its parameters. */
    public static PgLogin login(PostgresUser user) {
        Map<String, String> libpq = new TreeMap<>(user.connection());
        user.sslPassword().ifPresent(secret -> libpq.put("sslpassword", secret.reveal()));
        return new PgLogin(user.username(), () -> user.password().map(Secret::reveal), libpq);
    }
}
