package io.matriarch.ha.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Section {@code postgresql}.
 *
 * @param listen where PostgreSQL listens
 * @param connectAddress where others reach it
 * @param proxyAddress where others reach the pooler in front of it
 * @param dataDir PGDATA, absolute
 * @param configDir where the configuration files are; PGDATA unless set
 * @param configBaseName name of the main file without {@code .conf}
 * @param binDir where PostgreSQL's programs are
 * @param binNames other names for programs, by their usual names
 * @param pgpass password file that the agent writes; empty: one in the state directory
 * @param database to which the agent connects
 * @param useUnixSocket superuser connections by socket
 * @param useUnixSocketRepl replication connections by socket
 * @param krbsrvname Kerberos service name
 * @param authentication who the agent logs in as
 * @param parameters settings of this file alone; what holds is {@link EffectiveParameters}
 * @param pgHba lines of pg_hba.conf; empty: not managed
 * @param pgIdent lines of pg_ident.conf; empty: not managed
 * @param recoveryConf recovery settings, for example {@code restore_command}
 * @param customConf file to include instead of postgresql.base.conf
 * @param usePgRewind rewind a diverged member
 * @param removeDataDirectoryOnRewindFailure reclone when the rewind failed
 * @param removeDataDirectoryOnDivergedTimelines reclone when diverged without rewind
 * @param createReplicaMethods in the order in which they are tried; {@code basebackup} is built in
 * @param replicaMethods the others, by name
 * @param basebackup options for pg_basebackup
 * @param rewind options for pg_rewind
 * @param callbacks commands by {@code on_start}, {@code on_stop}, {@code on_restart}, {@code on_reload}, {@code on_role_change}
 * @param prePromote command whose failure refuses a promotion
 * @param beforeStop command to run before a stop
 * @param pgCtlTimeout bound for starts and stops
 */
public record PostgresConfig(
        ListenAddress listen,
        HostPort connectAddress,
        Optional<HostPort> proxyAddress,
        Path dataDir,
        Path configDir,
        String configBaseName,
        Path binDir,
        Map<String, String> binNames,
        Optional<Path> pgpass,
        String database,
        boolean useUnixSocket,
        boolean useUnixSocketRepl,
        Optional<String> krbsrvname,
        PostgresAuthentication authentication,
        Map<String, String> parameters,
        List<String> pgHba,
        List<String> pgIdent,
        Map<String, String> recoveryConf,
        Optional<Path> customConf,
        boolean usePgRewind,
        boolean removeDataDirectoryOnRewindFailure,
        boolean removeDataDirectoryOnDivergedTimelines,
        List<String> createReplicaMethods,
        Map<String, ReplicaMethod> replicaMethods,
        List<ToolOption> basebackup,
        List<ToolOption> rewind,
        Map<String, String> callbacks,
        Optional<String> prePromote,
        Optional<String> beforeStop,
        Duration pgCtlTimeout) {

    public PostgresConfig {
        binNames = Map.copyOf(binNames);
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        pgHba = List.copyOf(pgHba);
        pgIdent = List.copyOf(pgIdent);
        recoveryConf = Collections.unmodifiableMap(new LinkedHashMap<>(recoveryConf));
        createReplicaMethods = List.copyOf(createReplicaMethods);
        replicaMethods = Map.copyOf(replicaMethods);
        basebackup = List.copyOf(basebackup);
        rewind = List.copyOf(rewind);
        callbacks = Map.copyOf(callbacks);
    }

    /** The path of one of PostgreSQL's programs, for example {@code postgres}. */
    public Path program(String usualName) {
        return binDir.resolve(binNames.getOrDefault(usualName, usualName));
    }

    /** What a manager on this machine uses. */
    public PostgresAccess access() {
        return new PostgresAccess(binDir, binNames, database, authentication);
    }

    /** {@code postgres://host:port/database}: what the member key says, without credentials. */
    public String connUrl() {
        return "postgres://" + connectAddress + "/" + database;
    }

    /** {@code postgres://host:port/database} of the pooler, if there is one. */
    public Optional<String> proxyUrl() {
        return proxyAddress.map(address -> "postgres://" + address + "/" + database);
    }
}
