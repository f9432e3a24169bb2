package io.matriarch.ha.config;

import io.matriarch.ha.config.MatriarchConfig.Role;
import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.tls.PemFiles;
import io.matriarch.ha.tls.PemFiles.Proof;
import java.util.Optional;

/**
 * The configuration file of one member with the environment laid over it, checked. Passwords in it are {@link Secret}s.
 *
 * @param scope the cluster, with its namespace
 * @param name this member
 * @param postgresql empty on a machine that is only a manager
 * @param access what a manager uses of that section; empty on a manager alone whose file says nothing of PostgreSQL
 * @param tags as they are published
 * @param postgresTree section {@code postgresql} as written: what overrides the dynamic configuration
 */
public record LocalConfig(
        Scope scope,
        MemberName name,
        RestApiConfig restapi,
        EtcdConfig etcd,
        Optional<PostgresConfig> postgresql,
        Optional<PostgresAccess> access,
        BootstrapConfig bootstrap,
        Tags tags,
        LogConfig log,
        WatchdogConfig watchdog,
        CtlConfig ctl,
        MatriarchConfig matriarch,
        Mapping postgresTree) {

    public boolean isNode() {
        return matriarch.roles().contains(Role.NODE);
    }

    public boolean isManager() {
        return matriarch.roles().contains(Role.MANAGER);
    }

    /** How this machine proves to other members who it is: {@code ctl}'s certificate; else the listener's, if it proves clients too. */
    public Optional<Proof> clientProof() {
        return ctl.proof()
                .or(() -> restapi.tls()
                        .filter(tls -> PemFiles.provesClients(tls.certfile()))
                        .map(RestApiConfig.Tls::proof));
    }

    /** As whom this machine calls other members. */
    public Optional<BasicCredentials> clientLogin() {
        return ctl.authentication().or(restapi::authentication);
    }

    /** Section {@code postgresql} of a node. @throws IllegalStateException on a machine that is only a manager */
    public PostgresConfig node() {
        return postgresql.orElseThrow(
                () -> new IllegalStateException(name + " has no PostgreSQL: it is only a manager"));
    }
}
