package io.matriarch.tests.support;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Judges whether a cluster is whole: by SQL on each member, by REST of each agent, and by the leader key. */
final class Health {
    private Health() {}

    /** {@code primary}, {@code replica} or why nobody answers. */
    static String recoveryState(Member member) {
        if (member.postmasterPid().isEmpty()) {
            return "down";
        }
        try {
            return Sql.ask(member.endpoint(), "select pg_is_in_recovery()").equals("t") ? "replica" : "primary";
        } catch (SQLException e) {
            return "unreachable";
        }
    }

    /** One look at the whole cluster; finds its leader when nothing is missing. */
    static Eventually.Look<Member> look(List<Member> members, Optional<String> leaderKey)
            throws SQLException, IOException {
        List<Member> primaries =
                members.stream().filter(m -> recoveryState(m).equals("primary")).toList();
        if (primaries.size() != 1) {
            String states =
                    members.stream().map(m -> m.name() + " " + recoveryState(m)).collect(Collectors.joining(", "));
            return Eventually.Look.missing(states);
        }
        Member primary = primaries.get(0);
        if (!leaderKey.equals(Optional.of(primary.name()))) {
            return Eventually.Look.missing(primary.name() + " is primary, the leader key names " + leaderKey);
        }
        Set<String> expected = members.stream()
                .filter(m -> !m.equals(primary))
                .map(Member::name)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> streaming = new TreeSet<>(Sql.list(
                primary.endpoint(),
                Endpoint.DATABASE,
                "select application_name from pg_stat_replication where state = 'streaming'"));
        if (!streaming.containsAll(expected)) {
            return Eventually.Look.missing(
                    primary.name() + " streams to " + streaming + " only, not to all of " + expected);
        }
        List<String> complaints = new ArrayList<>();
        for (Member member : members) {
            complaints.addAll(complaintsByRest(member, primary, expected));
        }
        return complaints.isEmpty()
                ? Eventually.Look.found(primary)
                : Eventually.Look.missing(String.join("; ", complaints));
    }

    private static List<String> complaintsByRest(Member asked, Member primary, Set<String> replicas)
            throws IOException {
        List<String> complaints = new ArrayList<>();
        int expected = asked.equals(primary) ? 200 : 503;
        int status = asked.http().get(asked.restUrl("/primary")).status();
        if (status != expected) {
            complaints.add("GET /primary on " + asked.name() + " says " + status + ", expected " + expected);
        }
        Object cluster = asked.http().get(asked.restUrl("/cluster")).json();
        Set<String> leaders = named(cluster, Set.of("leader"), Set.of("running"));
        if (!leaders.equals(Set.of(primary.name()))) {
            complaints.add("GET /cluster on " + asked.name() + " knows as running leaders " + leaders);
        }
        Set<String> following =
                named(cluster, Set.of("replica", "sync_standby", "quorum_standby"), Set.of("streaming", "running"));
        if (!following.containsAll(replicas)) {
            complaints.add("GET /cluster on " + asked.name() + " knows as streaming " + following);
        }
        return complaints;
    }

    private static Set<String> named(Object cluster, Set<String> roles, Set<String> states) {
        Set<String> names = new TreeSet<>();
        if (cluster instanceof Map<?, ?> map && map.get("members") instanceof List<?> members) {
            for (Object entry : members) {
                if (entry instanceof Map<?, ?> member
                        && roles.contains(String.valueOf(member.get("role")))
                        && states.contains(String.valueOf(member.get("state")))) {
                    names.add(String.valueOf(member.get("name")));
                }
            }
        }
        return names;
    }
}
