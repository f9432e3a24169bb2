package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Section {@code bootstrap}: used once, by the member that creates the cluster.
 *
 * @param dcs first dynamic configuration, as written
 * @param method {@code initdb} or the name of a script in {@code methods}
 * @param methods scripts by name
 * @param initdb options for initdb
 * @param pgHba lines of pg_hba.conf
 * @param users roles to create
 * @param postBootstrap command to run with a connection URL when PostgreSQL answers
 */
public record BootstrapConfig(
        Mapping dcs,
        String method,
        Map<String, ReplicaMethod> methods,
        List<ToolOption> initdb,
        List<String> pgHba,
        Map<String, User> users,
        Optional<String> postBootstrap) {

    public BootstrapConfig {
        methods = Map.copyOf(methods);
        initdb = List.copyOf(initdb);
        pgHba = List.copyOf(pgHba);
        users = Map.copyOf(users);
    }

    /**
     * A role to create.
     *
     * @param options as in CREATE ROLE, for example {@code createdb}
     */
    public record User(String name, Optional<Secret> password, List<String> options) {

        public User {
            options = List.copyOf(options);
        }
    }
}
