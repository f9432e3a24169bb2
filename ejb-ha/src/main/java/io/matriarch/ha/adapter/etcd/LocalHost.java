package io.matriarch.ha.adapter.etcd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/** Which endpoint is on this host. */
final class LocalHost {
    private static final Logger LOG = Logger.getLogger(LocalHost.class);

    private LocalHost() {}

    /** The index of the first endpoint with an address of this host; blocks for name resolution. */
    static OptionalInt firstLocal(List<URI> endpoints) {
        return IntStream.range(0, endpoints.size())
                .filter(i -> isLocal(endpoints.get(i).getHost()))
                .findFirst();
    }

    private static boolean isLocal(String host) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null) {
                    return true;
                }
            }
        } catch (IOException e) {
            LOG.debugf("The etcd endpoint %s cannot be resolved yet: %s", host, e.getMessage());
        }
        return false;
    }
}
