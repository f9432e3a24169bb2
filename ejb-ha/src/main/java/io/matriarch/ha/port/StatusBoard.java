package io.matriarch.ha.port;

import io.matriarch.ha.model.NodeStatus;

/** Where the loop shows what it sees; HTTP threads only read. Never blocks. */
@FunctionalInterface
public interface StatusBoard {
    void publish(NodeStatus status);
}
