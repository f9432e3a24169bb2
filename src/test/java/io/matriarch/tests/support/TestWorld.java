package io.matriarch.tests.support;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A running cluster and, where its members have hosts of their own, the network between them. */
public final class TestWorld implements AutoCloseable {
    private final MatriarchCluster cluster;
    private final Optional<Network> network;

    private TestWorld(MatriarchCluster cluster, Optional<Network> network) {
        this.cluster = cluster;
        this.network = network;
    }

    static TestWorld start(OnCluster wanted) {
        ClusterPlan plan = ClusterPlan.threeMembers().withEtcdMembers(wanted.etcdMembers());
        return wanted.ownHosts() ? onOwnHosts(plan) : new TestWorld(MatriarchCluster.start(plan), Optional.empty());
    }

    /** Each member and each etcd member in a network namespace of its own. */
    public static TestWorld onOwnHosts(ClusterPlan plan) {
        Network network = Network.create(plan.members() + plan.etcdMembers());
        try {
            List<Host> hosts = new ArrayList<>(network.hosts());
            List<Host> etcd = hosts.subList(0, plan.etcdMembers());
            List<Host> members = hosts.subList(plan.etcdMembers(), hosts.size());
            return new TestWorld(MatriarchCluster.start(plan, etcd, members), Optional.of(network));
        } catch (RuntimeException | Error e) {
            network.close();
            throw e;
        }
    }

    public MatriarchCluster cluster() {
        return cluster;
    }

    /** The network between hosts. */
    public Network network() {
        return network.orElseThrow(() -> new IllegalStateException("this cluster lives on loopback"));
    }

    /** Undoes every fault and waits until the cluster is whole. */
    void heal() {
        network.ifPresent(Network::reconnectAll);
        cluster.repair();
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
    }

    @Override
    public void close() {
        try {
            network.ifPresent(Network::reconnectAll);
            cluster.close();
        } finally {
            network.ifPresent(Network::close);
        }
    }
}
