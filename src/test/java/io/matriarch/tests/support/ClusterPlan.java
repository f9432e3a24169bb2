package io.matriarch.tests.support;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a cluster for tests looks like.
 *
 * @param scope the cluster's name
 * @param members how many members
 * @param etcdMembers 1 or 3
 * @param dynamic entries of {@code bootstrap.dcs}, as YAML lines without indentation; empty means the product's
 *   defaults
 * @param parameters PostgreSQL parameters beside the ones that every test cluster has
 * @param rest a REST interface over TLS; empty: plain HTTP
 * @param patroni names of the members that a real Patroni runs
 * @param postgresBin directory of PostgreSQL's programs
 */
public record ClusterPlan(
        String scope,
        int members,
        int etcdMembers,
        List<String> dynamic,
        Map<String, String> parameters,
        Optional<Rest> rest,
        Set<String> patroni,
        Path postgresBin) {

    /**
     * A REST interface that is not the usual one.
     *
     * @param lines more entries of {@code restapi}, as YAML lines without indentation, a certificate among them
     * @param http how the tests ask
     */
    public record Rest(List<String> lines, Http http) {
        /** Checked and copied. */
        public Rest {
            lines = List.copyOf(lines);
        }
    }

    /** Checked and copied. */
    public ClusterPlan {
        if (members < 1 || (etcdMembers != 1 && etcdMembers != 3)) {
            throw new IllegalArgumentException("members " + members + ", etcd members " + etcdMembers);
        }
        dynamic = List.copyOf(dynamic);
        parameters = Map.copyOf(parameters);
        patroni = Set.copyOf(patroni);
    }

    /** Three members on one etcd member, with the defaults of a cluster that Matriarch bootstraps. */
    public static ClusterPlan threeMembers() {
        return new ClusterPlan(
                "herd", 3, 1, dynamicFromProperty(), Map.of(), Optional.empty(), Set.of(), Workplace.postgresBin());
    }

    /** The same on that many etcd members. */
    public ClusterPlan withEtcdMembers(int count) {
        return new ClusterPlan(scope, members, count, dynamic, parameters, rest, patroni, postgresBin);
    }

    /** The same with this dynamic configuration at bootstrap. */
    public ClusterPlan withDynamic(List<String> lines) {
        return new ClusterPlan(scope, members, etcdMembers, lines, parameters, rest, patroni, postgresBin);
    }

    /** The same with one more PostgreSQL parameter. */
    public ClusterPlan withParameter(String key, String value) {
        Map<String, String> more = new TreeMap<>(parameters);
        more.put(key, value);
        return new ClusterPlan(scope, members, etcdMembers, dynamic, more, rest, patroni, postgresBin);
    }

    /** The same with that many members. */
    public ClusterPlan withMembers(int count) {
        return new ClusterPlan(scope, count, etcdMembers, dynamic, parameters, rest, patroni, postgresBin);
    }

    /** The same with a REST interface over TLS. */
    public ClusterPlan withRest(Rest other) {
        return new ClusterPlan(
                scope, members, etcdMembers, dynamic, parameters, Optional.of(other), patroni, postgresBin);
    }

    /** The same with members that a real Patroni runs; members are called pg1, pg2 ... */
    public ClusterPlan withPatroni(String... names) {
        return new ClusterPlan(scope, members, etcdMembers, dynamic, parameters, rest, Set.of(names), postgresBin);
    }

    /** The same on another PostgreSQL. */
    public ClusterPlan withPostgres(Path bin) {
        return new ClusterPlan(scope, members, etcdMembers, dynamic, parameters, rest, patroni, bin);
    }

    /** What the member of that name is run with. */
    Member.Software software(String name) {
        return patroni.contains(name) ? Member.Software.PATRONI : Member.Software.MATRIARCH;
    }

    /** The {@code ttl} that the cluster begins with. */
    public int ttlSeconds() {
        return dynamic.stream()
                .filter(line -> line.startsWith("ttl:"))
                .map(line -> Integer.parseInt(line.substring("ttl:".length()).strip()))
                .findFirst()
                .orElse(5);
    }

    /** {@code -Dmatriarch.tests.dynamic="ttl: 3;loop_wait: 1"} sets other defaults for a whole run. */
    private static List<String> dynamicFromProperty() {
        return List.of(System.getProperty("matriarch.tests.dynamic", "").split(";")).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    /** The configuration file of one member: nothing in it that Patroni would not understand. */
    String yaml(Member member, List<String> etcd) {
        StringBuilder dcs = new StringBuilder();
        dynamic.forEach(line -> dcs.append("    ").append(line).append('\n'));
        StringBuilder extra = new StringBuilder();
        new TreeMap<>(parameters)
                .forEach((k, v) ->
                        extra.append("    ").append(k).append(": '").append(v).append("'\n"));
        StringBuilder api = new StringBuilder();
        rest.ifPresent(
                r -> r.lines().forEach(line -> api.append("  ").append(line).append('\n')));
        String address = member.host().address();
        String network = member.host().bySocket() ? "10.77.0.0/24" : "127.0.0.1/32";
        return """
                scope: %1$s
                name: %2$s
                restapi:
                  listen: %3$s:%4$d
                  connect_address: %3$s:%4$d
                %15$setcd3:
                  hosts: %5$s
                bootstrap:
                  dcs:
                %6$s    postgresql:
                      use_pg_rewind: true
                  initdb:
                  - encoding: UTF8
                  - locale: C.UTF-8
                  - data-checksums
                postgresql:
                  listen: %3$s:%8$d
                  connect_address: %3$s:%8$d
                  data_dir: %9$s
                  bin_dir: %10$s
                  pgpass: %11$s/pgpass
                  pg_hba:
                  - local all all trust
                  - host all all %7$s scram-sha-256
                  - host replication replicator %7$s scram-sha-256
                  authentication:
                    superuser:
                      username: %12$s
                      password: %13$s
                    replication:
                      username: replicator
                      password: matriarch-replication
                    rewind:
                      username: rewinder
                      password: matriarch-rewind
                  parameters:
                    unix_socket_directories: '%11$s'
                    max_connections: '60'
                    shared_buffers: '32MB'
                    log_line_prefix: '%%m [%%p] '
                %14$s""".formatted(
                        scope,
                        member.name(),
                        address,
                        member.restPort(),
                        String.join(",", etcd),
                        dcs,
                        network,
                        member.postgresPort(),
                        member.dataDirectory(),
                        postgresBin,
                        member.directory(),
                        Endpoint.USER,
                        Endpoint.PASSWORD,
                        extra,
                        api);
    }
}
