/**
 * Configuration: the local file (Patroni's YAML plus the {@code matriarch:} section), its environment overrides, and the
 * dynamic configuration that the whole cluster shares in etcd. Reads and checks; changes nothing on disk or in etcd.
 */
@NullMarked
package io.matriarch.ha.config;

import org.jspecify.annotations.NullMarked;
