package io.matriarch.ha.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A script that makes a replica ({@code create_replica_methods}) or a whole cluster ({@code bootstrap.method}).
 *
 * @param name the section's name
 * @param command program with arguments, split like a shell would
 * @param keepData do not empty the data directory first
 * @param noParams do not append {@code --scope}, {@code --datadir} ...
 * @param noLeader may run although there is no leader to copy from
 * @param keepExistingRecoveryConf bootstrap only: leave recovery settings that the script wrote
 * @param arguments further keys, passed as {@code --key=value}
 */
public record ReplicaMethod(
        String name,
        String command,
        boolean keepData,
        boolean noParams,
        boolean noLeader,
        boolean keepExistingRecoveryConf,
        Map<String, String> arguments) {

    public ReplicaMethod {
        arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    }
}
