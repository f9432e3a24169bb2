package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Configurations for tests, and a machine on which PostgreSQL is always where it is asked for. */
final class Samples {

    static final Path PATRONI_STYLE = Path.of("../deploy/samples/patroni-style.yml");

    static final String SMALL = """
            scope: demo
            name: n1
            restapi:
              listen: 127.0.0.1:8008
            etcd3:
              hosts: 127.0.0.1:2379
            postgresql:
              listen: 127.0.0.1:5432
              data_dir: /data/n1
              bin_dir: /usr/lib/postgresql/15/bin
              authentication:
                superuser: {password: super-secret}
                replication: {username: replicator, password: rep-secret}
            """;

    private Samples() {}

    static ConfigLoader loader(Map<String, String> environment) {
        return ConfigLoader.of(environment, Machine.assumed());
    }

    static LocalConfig load(String yaml) {
        return loader(Map.of()).loadText(yaml, "test.yml").config();
    }

    static LocalConfig small() {
        return load(SMALL);
    }

    /** {@link #SMALL} with {@code lines} added below {@code postgresql:}. */
    static LocalConfig withPostgres(String lines) {
        return load(SMALL + lines.indent(2));
    }

    static List<Problem> problems(String yaml) {
        return problems(yaml, Map.of());
    }

    /** Errors and warnings alike. */
    static List<Problem> problems(String yaml, Map<String, String> environment) {
        try {
            return loader(environment).loadText(yaml, "test.yml").warnings();
        } catch (ConfigException e) {
            return e.problems();
        }
    }

    static Mapping map(String yaml) {
        return (Mapping) Yaml.read(yaml, "test.yml", new Problems());
    }

    static String patroniStyle() {
        try {
            return Files.readString(PATRONI_STYLE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
