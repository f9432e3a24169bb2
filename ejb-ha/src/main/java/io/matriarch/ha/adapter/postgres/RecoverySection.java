package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.config.EffectiveParameters;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Upstream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The part of the generated {@code postgresql.conf} that says what a replica follows: written here, and read back here. */
final class RecoverySection {
    /** A foreign hand may have left these in {@code postgresql.auto.conf} too, where they would win over ours. */
    static final Set<String> OWNED = EffectiveParameters.OWNED_RECOVERY;

    private static final List<String> TARGETS = List.of(
            "recovery_target",
            "recovery_target_lsn",
            "recovery_target_name",
            "recovery_target_time",
            "recovery_target_xid");
    private static final String MEMBER = "# upstream member: ";
    private static final Pattern SETTING = Pattern.compile("^\\s*([A-Za-z_][A-Za-z0-9_.]*)\\s*=?\\s*(.*?)\\s*$");

    private RecoverySection() {}

    /** The lines for a replica of {@code upstream}; empty for a primary: only what the user wants to be there. */
    static String render(PostgresSettings settings, Optional<Upstream> upstream) {
        var out = new StringBuilder("\n# recovery.conf\n");
        Map<String, String> lines = new LinkedHashMap<>(settings.parameters().recovery());
        lines.keySet().removeAll(OWNED);
        if (upstream.isPresent()) {
            upstream.get()
                    .member()
                    .ifPresent(
                            member -> out.append(MEMBER).append(encode(member)).append('\n'));
            if (!upstream.get().isNone()) {
                lines.put("primary_conninfo", ConnectionString.ofReplica(settings, upstream.get()));
                upstream.get().slotName().ifPresent(slot -> lines.put("primary_slot_name", slot));
            }
            lines.put("recovery_target_timeline", "latest");
            TARGETS.forEach(target -> lines.put(target, ""));
        }
        lines.forEach((name, value) ->
                out.append(name).append(" = ").append(Quoting.setting(value)).append('\n'));
        return out.toString();
    }

    /**
     * Where a generated file makes a replica stream from.
     *
     * @param configuration the text of {@code postgresql.conf}, Matriarch's or Patroni's
     * @return empty when it names no upstream
     */
    static Optional<Upstream> upstream(String configuration) {
        Map<String, String> settings = settings(configuration);
        Optional<Map<String, String>> connection = Optional.ofNullable(settings.get("primary_conninfo"))
                .filter(text -> !text.isBlank())
                .flatMap(ConnectionString::parse);
        if (connection.isEmpty() || connection.get().getOrDefault("host", "").isEmpty()) {
            return Optional.empty();
        }
        Optional<MemberName> member = configuration
                .lines()
                .filter(line -> line.startsWith(MEMBER))
                .map(line -> decode(line.substring(MEMBER.length())))
                .filter(name -> !name.isBlank())
                .reduce((first, last) -> last)
                .map(MemberName::new);
        String port = connection.get().getOrDefault("port", "5432");
        return Optional.of(new Upstream(
                member,
                connection.get().getOrDefault("host", ""),
                port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : 5432,
                Optional.ofNullable(settings.get("primary_slot_name")).filter(slot -> !slot.isEmpty())));
    }

    /** The settings in a configuration file, the last of each name; includes are not followed. */
    static Map<String, String> settings(String configuration) {
        Map<String, String> settings = new LinkedHashMap<>();
        configuration.lines().forEach(line -> {
            var match = SETTING.matcher(line);
            if (match.matches()) {
                settings.put(
                        match.group(1).toLowerCase(Locale.ROOT),
                        Quoting.unquoteSetting(withoutComment(match.group(2))));
            }
        });
        return settings;
    }

    /** Without the settings of recovery; for {@code postgresql.auto.conf}. */
    static String withoutOwned(String configuration) {
        var out = new StringBuilder();
        configuration.lines().forEach(line -> {
            var match = SETTING.matcher(line);
            if (!match.matches() || !OWNED.contains(match.group(1).toLowerCase(Locale.ROOT))) {
                out.append(line).append('\n');
            }
        });
        return out.toString();
    }

    private static String withoutComment(String value) {
        boolean quoted = false;
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) == '\'') {
                quoted = !quoted;
            } else if (value.charAt(i) == '#' && !quoted) {
                return value.substring(0, i);
            }
        }
        return value;
    }

    private static String encode(MemberName member) {
        return Quoting.uri(member.value());
    }

    private static String decode(String text) {
        try {
            return java.net.URLDecoder.decode(text.strip().replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
