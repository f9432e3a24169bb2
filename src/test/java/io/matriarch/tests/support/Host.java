package io.matriarch.tests.support;

import java.util.List;

/** Where a process runs: this machine's loopback, or a network namespace that plays a machine of its own. */
public interface Host {
    /** The address by which other hosts of the same world reach it. */
    String address();

    /** The command as it must be started to run on this host; the started process keeps the pid. */
    List<String> on(List<String> command);

    /** A port for a service of that kind on this host: fixed in a namespace, any free one on loopback. */
    int port(Service service);

    /** How to ask an HTTP service on this host. */
    Http http();

    /** Whether PostgreSQL on this host is reached by its Unix socket, as TCP from outside does not get there. */
    boolean bySocket();

    /** What listens on a host. */
    enum Service {
        POSTGRES(5432),
        REST(8008),
        ETCD_CLIENT(2379),
        ETCD_PEER(2380);

        final int usual;

        Service(int usual) {
            this.usual = usual;
        }
    }

    /** The loopback of this machine. */
    Host LOOPBACK = new Host() {
        @Override
        public String address() {
            return "127.0.0.1";
        }

        @Override
        public List<String> on(List<String> command) {
            return command;
        }

        @Override
        public int port(Service service) {
            return service == Service.REST ? Ports.freeForRest() : Ports.free();
        }

        @Override
        public Http http() {
            return Http.DIRECT;
        }

        @Override
        public boolean bySocket() {
            return false;
        }
    };
}
