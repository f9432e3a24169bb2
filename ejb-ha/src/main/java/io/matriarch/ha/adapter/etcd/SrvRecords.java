package io.matriarch.ha.adapter.etcd;

import io.matriarch.ha.port.DcsUnavailableException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/** Finds etcd by the SRV records of a domain, as etcd's own clients do: those for TLS first, and no others when there are any. */
public final class SrvRecords {
    /** The name servers of this machine ({@code /etc/resolv.conf}). */
    private static final String SYSTEM = "dns:";

    private static final String FACTORY = "com.sun.jndi.dns.DnsContextFactory";
    private static final String FIRST_WAIT_MILLIS = "1000";
    /** Each waits twice as long as the one before: 1, 2 and 4 s for a server. */
    private static final String TRIES = "3";

    private final String nameServers;

    private SrvRecords(String nameServers) {
        this.nameServers = nameServers;
    }

    public static SrvRecords ofSystem() {
        return new SrvRecords(SYSTEM);
    }

    /** @param nameServers {@code dns://host:port}, with spaces between several */
    static SrvRecords by(String nameServers) {
        return new SrvRecords(nameServers);
    }

    /**
     * The endpoints that the domain names, by priority and weight. Blocks for the name servers, some seconds at most for each of them.
     *
     * @param suffix of the service's name: {@code _etcd-client-SUFFIX}
     * @throws DcsUnavailableException when the domain names none, or nobody answered; says what was asked
     */
    public List<URI> endpoints(String domain, Optional<String> suffix) throws DcsUnavailableException {
        List<String> asked = new ArrayList<>();
        Optional<NamingException> trouble = Optional.empty();
        for (var service : List.of(Map.entry("_etcd-client-ssl", "https"), Map.entry("_etcd-client", "http"))) {
            String name = service.getKey() + suffix.map(s -> "-" + s).orElse("") + "._tcp." + domain;
            asked.add(name);
            try {
                var found = records(name).stream()
                        .sorted(Record.BY_PREFERENCE)
                        .map(r -> r.uri(service.getValue()))
                        .toList();
                if (!found.isEmpty()) {
                    return found;
                }
            } catch (NameNotFoundException e) {
                // The other service may be there.
            } catch (NamingException e) {
                trouble = Optional.of(e);
            }
        }
        throw new DcsUnavailableException("no SRV record names it (" + String.join(", ", asked) + "): "
                + trouble.map(SrvRecords::reason).orElse("the domain has none"));
    }

    private static String reason(NamingException e) {
        return "the name servers did not answer: "
                + Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
    }

    @SuppressWarnings("BanJNDI") // this provider hands out text and never deserializes anything
    private List<Record> records(String name) throws NamingException {
        var environment = new Hashtable<String, String>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, FACTORY);
        environment.put(Context.PROVIDER_URL, nameServers);
        environment.put("com.sun.jndi.dns.timeout.initial", FIRST_WAIT_MILLIS);
        environment.put("com.sun.jndi.dns.timeout.retries", TRIES);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // The server looks for the factory by this loader; the application's own does not see it.
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        try {
            var context = new InitialDirContext(environment);
            try {
                var answer = Optional.ofNullable(
                        context.getAttributes(name, new String[] {"SRV"}).get("SRV"));
                return answer.isPresent() ? parse(answer.get()) : List.of();
            } finally {
                context.close();
            }
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static List<Record> parse(Attribute answer) throws NamingException {
        List<Record> records = new ArrayList<>();
        for (int i = 0; i < answer.size(); i++) {
            Record.parse(String.valueOf(answer.get(i))).ifPresent(records::add);
        }
        return records;
    }

    /** {@code priority weight port target}. */
    record Record(int priority, int weight, int port, String target) {
        static final Comparator<Record> BY_PREFERENCE = Comparator.comparingInt(Record::priority)
                .thenComparing(Comparator.comparingInt(Record::weight).reversed())
                .thenComparing(Record::target);

        /** Empty for a record that names nobody: {@code .} as its target says that there is no such service. */
        static Optional<Record> parse(String text) {
            String[] parts = text.strip().split("\\s+");
            if (parts.length != 4 || !(parts[0] + parts[1] + parts[2]).matches("[0-9]{3,15}")) {
                return Optional.empty();
            }
            String target = parts[3].replaceFirst("\\.$", "");
            int port = Integer.parseInt(parts[2]);
            return target.isEmpty() || port == 0
                    ? Optional.empty()
                    : Optional.of(new Record(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), port, target));
        }

        URI uri(String scheme) {
            return URI.create(scheme + "://" + target + ":" + port);
        }
    }
}
