package io.matriarch.ha.api;

import io.matriarch.ha.config.BasicCredentials;
import io.matriarch.ha.config.RestApiConfig;
import io.matriarch.ha.config.Secret;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Who may change something through the REST interface, asked in Patroni's order: first where the call comes from, then whether it came
 * with a certificate, then who calls.
 *
 * @param allowlist host names, addresses or networks; empty and without {@code members}: everybody
 * @param members the URLs of members, when they are allowed too
 * @param certificateWanted the caller must have presented a certificate, which the listener has checked
 * @param credentials what a caller must prove; empty: nothing
 */
public record Access(
        List<String> allowlist,
        Optional<Supplier<List<String>>> members,
        boolean certificateWanted,
        Optional<BasicCredentials> credentials) {
    static final Access OPEN = new Access(List.of(), Optional.empty(), false, Optional.empty());
    private static final int BITS = 8;

    static Access of(RestApiConfig config, Supplier<List<String>> memberUrls) {
        return new Access(
                config.allowlist(),
                config.allowlistIncludeMembers() ? Optional.of(memberUrls) : Optional.empty(),
                config.wantsClientCertificate(),
                config.authentication());
    }

    /**
     * Where a call comes from.
     *
     * @param address the caller's IP address
     * @param certified whether he presented a certificate, which the listener has checked
     * @param authorization the header {@code Authorization}
     */
    public record Caller(String address, boolean certified, Optional<String> authorization) {}

    /** What became of a call. */
    public enum Verdict {
        GRANTED,
        /** The address is not on the list. */
        ADDRESS_DENIED,
        /** The listener asks for certificates, and none was presented. */
        NO_CERTIFICATE,
        /** No credentials came with the call. */
        NO_CREDENTIALS,
        /** Others than those wanted came. */
        WRONG_CREDENTIALS
    }

    /**
     * Judges a call. Resolves host names of the list, which may block as long as the resolver does.
     *
     * @param onlyExplicit members must be on the list themselves (failsafe)
     */
    public Verdict judge(Caller caller, boolean onlyExplicit) {
        boolean membersCount = members.isPresent() && !onlyExplicit;
        if ((!allowlist.isEmpty() || membersCount) && !isAllowed(caller.address(), membersCount)) {
            return Verdict.ADDRESS_DENIED;
        }
        if (certificateWanted && !caller.certified()) {
            return Verdict.NO_CERTIFICATE;
        }
        Optional<String> authorization = caller.authorization();
        if (credentials.isEmpty()) {
            return Verdict.GRANTED;
        }
        if (authorization.isEmpty()) {
            return Verdict.NO_CREDENTIALS;
        }
        return proves(authorization.get(), credentials.get()) ? Verdict.GRANTED : Verdict.WRONG_CREDENTIALS;
    }

    /** Whether whoever is granted has proven who he is; otherwise anybody may call, or anybody from some addresses. */
    public boolean identifies() {
        return certificateWanted || credentials.isPresent();
    }

    private static boolean proves(String authorization, BasicCredentials wanted) {
        if (!authorization.regionMatches(true, 0, "Basic ", 0, "Basic ".length())) {
            return false;
        }
        try {
            byte[] decoded = Base64.getDecoder()
                    .decode(authorization.substring("Basic ".length()).strip());
            String[] parts = new String(decoded, StandardCharsets.UTF_8).split(":", 2);
            // Both are compared, so that the time of an answer does not tell which was wrong.
            boolean name = Secret.of(wanted.username()).matches(parts[0]);
            return wanted.password().matches(parts.length == 2 ? parts[1] : "") & name;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private boolean isAllowed(String address, boolean membersCount) {
        Stream<String> hosts = members.filter(m -> membersCount)
                .map(m -> m.get().stream().map(Access::host).flatMap(Optional::stream))
                .orElse(Stream.empty());
        byte[] caller;
        try {
            caller = InetAddress.getByName(address.replaceFirst("%.*$", "")).getAddress();
        } catch (UnknownHostException e) {
            return false;
        }
        return Stream.concat(allowlist.stream(), hosts).anyMatch(entry -> covers(entry, caller));
    }

    private static boolean covers(String entry, byte[] caller) {
        int slash = entry.indexOf('/');
        String host = slash < 0 ? entry : entry.substring(0, slash);
        try {
            for (InetAddress listed : InetAddress.getAllByName(host)) {
                byte[] network = listed.getAddress();
                int bits = slash < 0 ? network.length * BITS : Integer.parseInt(entry.substring(slash + 1));
                if (matches(network, caller, bits)) {
                    return true;
                }
            }
            return false;
        } catch (UnknownHostException | NumberFormatException e) {
            return false;
        }
    }

    private static boolean matches(byte[] network, byte[] caller, int bits) {
        if (network.length != caller.length || bits < 0 || bits > network.length * BITS) {
            return false;
        }
        int whole = bits / BITS;
        int rest = bits % BITS;
        boolean head = Arrays.equals(network, 0, whole, caller, 0, whole);
        return head && (rest == 0 || (network[whole] ^ caller[whole]) >> (BITS - rest) == 0);
    }

    private static Optional<String> host(String url) {
        try {
            return Optional.ofNullable(URI.create(url).getHost()).map(h -> h.replaceAll("[\\[\\]]", ""));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
