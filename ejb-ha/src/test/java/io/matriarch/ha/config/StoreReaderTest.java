package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.config.StoreConfig.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the repository is, who may write to it, and how it is encrypted. */
class StoreReaderTest {
    private static final String IDENTITY = "AGE-SECRET-KEY-1Z2AFCL46QWR2ZQU69JFSLP4D5CN7RT4UY632RDXSY7HU3V9F343SG3ZM6E";
    private static final Map<String, String> NOTHING = Map.of();

    @TempDir
    Path directory;

    @Test
    void bucketWithItsDefaults() {
        var store = load(
                        "repository: s3://herd/team/demo",
                        Map.of("AWS_ACCESS_KEY_ID", "me", "AWS_SECRET_ACCESS_KEY", "s3cr3t"))
                .store()
                .orElseThrow();

        assertThat(store.kind()).isEqualTo(Kind.S3);
        assertThat(store.container()).isEqualTo("herd");
        assertThat(store.prefix()).isEqualTo("team/demo/");
        assertThat(store.endpoint()).isEqualTo(URI.create("https://s3.us-east-1.amazonaws.com"));
        assertThat(store.pathStyle()).isFalse();
        assertThat(store.where()).isEqualTo("s3://herd/team/demo at https://s3.us-east-1.amazonaws.com");
        assertThat(store).asString().doesNotContain("s3cr3t");
    }

    @Test
    void bucketOfAnotherStoreWithASecretInAFile() throws IOException {
        var backup = load("""
                repository: s3://herd
                store: {endpoint: "https://minio:9000/", region: garage, access_key: me, secret_key_file: %s}
                """.formatted(secret("s3", "s3cr3t\n")), NOTHING);

        var store = backup.store().orElseThrow();
        assertThat(backup.repository()).isEmpty();
        assertThat(store.endpoint()).isEqualTo(URI.create("https://minio:9000"));
        assertThat(store.pathStyle()).isTrue();
        assertThat(store.prefix()).isEmpty();
        assertThat(store.secret().reveal()).isEqualTo("s3cr3t");
    }

    @Test
    void containerOfAnAccount() {
        var store = load("repository: azure://account1/herd/demo/", Map.of("AZURE_STORAGE_KEY", "a2V5"))
                .store()
                .orElseThrow();

        assertThat(store.kind()).isEqualTo(Kind.AZURE);
        assertThat(store.account()).isEqualTo("account1");
        assertThat(store.prefix()).isEqualTo("demo/");
        assertThat(store.endpoint()).isEqualTo(URI.create("https://account1.blob.core.windows.net"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "repository: s3://Herd|matriarch.backup.repository|an absolute path, s3://BUCKET/PREFIX or azure://",
                "repository: s3://herd/../x|matriarch.backup.repository|s3://BUCKET/PREFIX",
                "repository: ftp://herd|matriarch.backup.repository|s3://BUCKET/PREFIX",
                "repository: backups|matriarch.backup.repository|an absolute path, s3://BUCKET/PREFIX",
                "repository: s3://herd|matriarch.backup.store.access_key|AWS_ACCESS_KEY_ID",
                "repository: s3://herd|matriarch.backup.store.secret_key_file|AWS_SECRET_ACCESS_KEY",
                "repository: azure://account1/herd|matriarch.backup.store.account_key_file|AZURE_STORAGE_KEY",
                "{repository: s3://herd, store: {endpoint: minio}}|matriarch.backup.store.endpoint|https://HOST:PORT",
                "{repository: s3://herd, store: {secret_key_file: /none}}|matriarch.backup.store.secret_key_file|does not exist",
                "encryption: {}|matriarch.backup.encryption.keys|the first encrypts",
                "encryption: {keys: x}|matriarch.backup.encryption.keys|must be a list",
                "encryption: {keys: [x]}|matriarch.backup.encryption.keys|{file: PATH} or {env: NAME}",
                "encryption: {keys: [{env: NONE}]}|matriarch.backup.encryption.keys[0].env|not in the environment",
                "encryption: {keys: [{env: SHORT}]}|matriarch.backup.encryption.keys[0].env|age-keygen",
                "encryption: {keys: [{env: A, file: /b}]}|matriarch.backup.encryption.keys[0].env|one too much"
            })
    void whatIsWrongIsSaidWhereItStands(String yaml, String key, String words) {
        assertThat(problems(yaml, Map.of("SHORT", "AGE-SECRET-KEY-1QQQ")))
                .anySatisfy(problem ->
                        assertThat(problem).contains(key).contains(words).doesNotContain("QQQ"));
    }

    @Test
    void secretThatOthersCanReadIsRefused() throws IOException {
        Path open = secret("open", "x");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r-----"));

        assertThat(problems("encryption: {keys: [{file: " + open + "}]}", NOTHING))
                .anySatisfy(problem ->
                        assertThat(problem).contains("can be read by others").contains("chmod 600"));
    }

    @Test
    void keysInTheirOrder() throws IOException {
        var encryption = load(
                        "encryption: {keys: [{file: %s}, {env: OLD}], read_plain: true}"
                                .formatted(secret("key", "# created: today\n# public key: age1x\n" + IDENTITY + "\n")),
                        Map.of("OLD", IDENTITY))
                .encryption()
                .orElseThrow();

        assertThat(encryption.keys()).hasSize(2);
        assertThat(encryption.keys().getFirst().identity().reveal()).isEqualTo(IDENTITY);
        assertThat(encryption.keys().get(1).origin()).isEqualTo("OLD");
        assertThat(encryption.readPlain()).isTrue();
        assertThat(encryption).asString().doesNotContain(IDENTITY);
    }

    @Test
    void directoryHasNoUseForASectionStore() {
        assertThat(problems("{repository: /backups, store: {region: x}}", NOTHING))
                .anySatisfy(problem -> assertThat(problem).contains("the repository is a directory"));
    }

    private Path secret(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private static String whole(String backup) {
        return """
                scope: demo
                name: manager
                restapi: {listen: 10.0.0.9:8008}
                etcd3: {hosts: 10.0.0.9}
                matriarch:
                  roles: manager
                  backup:
                """ + backup.indent(4);
    }

    private static ConfigLoader loader(Map<String, String> environment) {
        return ConfigLoader.of(environment, new Machine(Path.of("/"), "", true));
    }

    private static MatriarchConfig.Backup load(String backup, Map<String, String> environment) {
        return loader(environment)
                .loadText(whole(backup), "test.yml")
                .config()
                .matriarch()
                .backup();
    }

    private static List<String> problems(String backup, Map<String, String> environment) {
        try {
            return loader(environment).loadText(whole(backup), "test.yml").warnings().stream()
                    .map(Problem::toString)
                    .toList();
        } catch (ConfigException e) {
            return e.problems().stream().map(Problem::toString).toList();
        }
    }
}
