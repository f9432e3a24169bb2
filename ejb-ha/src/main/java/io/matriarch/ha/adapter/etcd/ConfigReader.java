package io.matriarch.ha.adapter.etcd;

import io.matriarch.ha.model.ClusterConfig;
import java.util.Optional;

/** Understands the dynamic configuration; given from outside, because adapters do not know the configuration's rules. */
@FunctionalInterface
public interface ConfigReader {
    /**
     * Says what holds; also while there is no text, when what was known last still does. Called on the thread that reads, each time the value or the flag changed; must neither block nor throw.
     *
     * @param json the text of {@code config}; empty when the key is missing or is no JSON object
     * @param foreignMembers whether a member runs an agent that is not Matriarch: then Patroni's limits hold
     */
    ClusterConfig read(Optional<String> json, boolean foreignMembers);
}
