package io.matriarch.ha.loop;

import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.model.Tags;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Who this member is; from the local configuration.
 *
 * @param tags as they are published now; a reload changes them
 * @param connUrl where others connect to its PostgreSQL: {@code postgres://host:port/database}
 * @param apiUrl what others GET: {@code http://host:port/patroni}
 * @param agentVersion Matriarch's version
 * @param bootstrapConfig the {@code config} document that a new cluster begins with
 */
public record Identity(
        MemberName self,
        Scope scope,
        Supplier<Tags> tags,
        String connUrl,
        String apiUrl,
        Optional<String> proxyUrl,
        String agentVersion,
        String bootstrapConfig) {

    /** What Patroni members understand: they take anything older than 4.0.0 for an outdated peer. */
    public static final String WIRE_VERSION = "4.1.4";

    /** This process: by it two agents of one name are told apart. */
    public static final String INSTANCE = UUID.randomUUID().toString();
}
