package io.matriarch.ha.adapter.etcd;

import com.google.protobuf.ByteString;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Scope;
import java.util.Optional;

/** The names of Patroni's keys, relative and absolute. */
final class Keys {
    static final String INITIALIZE = "initialize";
    static final String CONFIG = "config";
    static final String LEADER = "leader";
    static final String MEMBERS = "members/";
    static final String STATUS = "status";
    static final String LEGACY_OPTIME = "optime/leader";
    static final String FAILOVER = "failover";
    static final String SYNC = "sync";
    static final String HISTORY = "history";
    static final String FAILSAFE = "failsafe";
    /** Ours: Patroni reads nothing below {@code matriarch/}. */
    static final String TIMELINE = "matriarch/timeline";

    static final String UNFENCED = "matriarch/unfenced";
    /** The managers' folder, which no agent reads. */
    static final String MANAGER = "matriarch/manager/";

    private final String prefix;

    Keys(Scope scope) {
        this.prefix = scope.prefix();
    }

    String prefix() {
        return prefix;
    }

    ByteString first() {
        return ByteString.copyFromUtf8(prefix);
    }

    /** The first key that no longer begins with the prefix; the prefix ends with a slash, which 0 follows. */
    ByteString end() {
        return after("");
    }

    /** The first key that no longer begins with {@code name}, which is empty or of ASCII letters, digits and slashes. */
    ByteString after(String name) {
        String from = prefix + name;
        int last = from.length() - 1;
        return ByteString.copyFromUtf8(from.substring(0, last) + (char) (from.charAt(last) + 1));
    }

    ByteString absolute(String name) {
        return ByteString.copyFromUtf8(prefix + name);
    }

    /** What {@link #absolute} made longer; empty for a key outside the scope. */
    Optional<String> relative(ByteString key) {
        String text = key.toStringUtf8();
        return text.startsWith(prefix) ? Optional.of(text.substring(prefix.length())) : Optional.empty();
    }

    static String member(MemberName name) {
        return MEMBERS + name.value();
    }

    /** The member that a key belongs to; only keys directly below {@code members/} are members. */
    static Optional<MemberName> memberOf(String key) {
        String name = key.startsWith(MEMBERS) ? key.substring(MEMBERS.length()) : "";
        return name.isBlank() || name.contains("/") ? Optional.empty() : Optional.of(new MemberName(name));
    }
}
