package io.matriarch.ha.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The PostgreSQL that keeps a manager's records of its jobs. It must not be the managed cluster.
 *
 * @param cacert PEM file of the authorities that its certificate may come from; empty: the certificate is not checked
 */
public record JobStoreConfig(
        HostPort address, String database, String username, Secret password, Optional<Path> cacert) {}
