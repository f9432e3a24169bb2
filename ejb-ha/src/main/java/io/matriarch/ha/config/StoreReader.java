package io.matriarch.ha.config;

import io.matriarch.ha.config.EncryptionConfig.Key;
import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Sequence;
import io.matriarch.ha.config.StoreConfig.Kind;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads where the repository is, when that is an object store, and how what is in it is encrypted. */
final class StoreReader {
    private static final String PREFIX = "((/[A-Za-z0-9][A-Za-z0-9._=+-]*)*)/?";
    private static final Pattern S3 = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])" + PREFIX);
    private static final Pattern AZURE =
            Pattern.compile("azure://([a-z0-9]{3,24})/([a-z0-9](?:-?[a-z0-9]){2,62})" + PREFIX);
    private static final String FORMS = "an absolute path, s3://BUCKET/PREFIX or azure://ACCOUNT/CONTAINER/PREFIX";
    private static final Pattern IDENTITY = Pattern.compile("AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Section backup;
    private final Machine machine;
    private final Map<String, String> environment;

    StoreReader(Section backup, Machine machine, Map<String, String> environment) {
        this.backup = backup;
        this.machine = machine;
        this.environment = environment;
    }

    private boolean isStore() {
        return backup.node("repository")
                .filter(node ->
                        node instanceof Node.Scalar scalar && scalar.text().contains("://"))
                .isPresent();
    }

    /** The repository, when it is a directory. */
    Optional<Path> directory() {
        return isStore() ? Optional.empty() : backup.absolutePath("repository", FORMS);
    }

    /** The repository, when it is an object store. */
    Optional<StoreConfig> store() {
        try (Section store = backup.section("store")) {
            if (!isStore()) {
                if (backup.has("store")) {
                    backup.warn("store", "is not used: the repository is a directory");
                }
                store.accept(store.keys().toArray(String[]::new));
                return Optional.empty();
            }
            return backup.parsed("repository", StoreReader::place, FORMS).flatMap(place -> read(place, store));
        }
    }

    private record Place(Kind kind, String account, String container, String prefix) {}

    private static Optional<Place> place(String text) {
        Matcher s3 = S3.matcher(text);
        if (s3.matches()) {
            return Optional.of(new Place(Kind.S3, "", s3.group(1), prefix(s3.group(2))));
        }
        Matcher azure = AZURE.matcher(text);
        return azure.matches()
                ? Optional.of(new Place(Kind.AZURE, azure.group(1), azure.group(2), prefix(azure.group(3))))
                : Optional.empty();
    }

    private static String prefix(String path) {
        return path.isEmpty() ? "" : path.substring(1) + "/";
    }

    private Optional<StoreConfig> read(Place place, Section store) {
        Optional<URI> endpoint =
                store.parsed("endpoint", StoreReader::endpoint, "http://HOST:PORT or https://HOST:PORT");
        Optional<Path> cacert = RestApiReader.file(store, "cacert", machine);
        return switch (place.kind()) {
            case S3 -> {
                String region = store.parsed(
                                "region",
                                text -> Optional.of(text).filter(t -> t.matches("[a-z0-9-]{1,60}")),
                                "a region, for example eu-west-1")
                        .orElse("us-east-1");
                boolean pathStyle = store.flag("path_style", endpoint.isPresent());
                Optional<String> account = store.text("access_key").or(() -> variable("AWS_ACCESS_KEY_ID"));
                if (account.isEmpty()) {
                    store.error(
                            "access_key",
                            "is missing; allowed: the access key, here or in the environment as AWS_ACCESS_KEY_ID");
                }
                var secret = secret(store, "secret_key_file", "AWS_SECRET_ACCESS_KEY");
                URI at = endpoint.orElse(URI.create("https://s3." + region + ".amazonaws.com"));
                yield account.flatMap(who -> secret.map(proof -> new StoreConfig(
                        Kind.S3, place.container(), place.prefix(), at, region, pathStyle, who, proof, cacert)));
            }
            case AZURE -> {
                URI at = endpoint.orElse(URI.create("https://" + place.account() + ".blob.core.windows.net"));
                yield secret(store, "account_key_file", "AZURE_STORAGE_KEY")
                        .flatMap(key -> base64(store, key))
                        .map(key -> new StoreConfig(
                                Kind.AZURE,
                                place.container(),
                                place.prefix(),
                                at,
                                "",
                                false,
                                place.account(),
                                key,
                                cacert));
            }
        };
    }

    private static Optional<Secret> base64(Section store, Secret key) {
        try {
            java.util.Base64.getDecoder().decode(key.reveal());
            return Optional.of(key);
        } catch (IllegalArgumentException e) {
            store.error("account_key_file", "is no key of a storage account: that is base64");
            return Optional.empty();
        }
    }

    private static Optional<URI> endpoint(String text) {
        try {
            URI uri = new URI(text.replaceFirst("/+$", ""));
            boolean right = uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
            return Optional.of(uri).filter(u -> right);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    /** From a file that nobody else may see, else from the environment. */
    Optional<Secret> optionalSecret(Section section, String key, String variable) {
        return section.has(key)
                ? privateFile(section, key).map(String::strip).flatMap(text -> oneLine(section, key, text))
                : variable(variable).map(Secret::of);
    }

    /** The same; its absence is a problem. */
    Optional<Secret> secret(Section section, String key, String variable) {
        Optional<Secret> found = optionalSecret(section, key, variable);
        if (found.isEmpty() && !section.has(key)) {
            section.error(key, "is missing; allowed: a file with the secret, or the environment variable " + variable);
        }
        return found;
    }

    private static Optional<Secret> oneLine(Section section, String key, String text) {
        if (text.isEmpty() || text.lines().count() > 1) {
            section.error(
                    key, text.isEmpty() ? "is an empty file" : "has more than one line; allowed: the secret alone");
            return Optional.empty();
        }
        return Optional.of(Secret.of(text));
    }

    /** What a file holds that nobody but the agent's user may see. */
    private Optional<String> privateFile(Section section, String key) {
        return section.absolutePath(key).flatMap(file -> {
            Optional<String> content = machine.content(file);
            if (content.isEmpty()) {
                section.error(
                        key,
                        "\"" + file + "\" " + (machine.exists(file) ? "cannot be read" : "does not exist")
                                + "; allowed: a file that the agent's user can read");
            } else if (!machine.isPrivate(file)) {
                section.error(
                        key,
                        "\"" + file
                                + "\" can be read by others: chmod 600 it, and think of the secret as known to them");
            }
            return content;
        });
    }

    /** How what is stored is encrypted; empty: not at all. */
    Optional<EncryptionConfig> encryption() {
        try (Section encryption = backup.section("encryption")) {
            boolean readPlain = encryption.flag("read_plain", false);
            List<Key> keys = new ArrayList<>();
            Optional<Node> written = encryption.node("keys");
            if (written.filter(node -> !(node instanceof Sequence)).isPresent()) {
                encryption.error("keys", "must be a list (lines that begin with \"- \")");
            } else if (backup.has("encryption") && written.isEmpty()) {
                encryption.error(
                        "keys", "is missing; allowed: a list of {file: PATH} or {env: NAME}, the first encrypts");
            }
            written.ifPresent(node -> {
                if (node instanceof Sequence sequence) {
                    sequence.items()
                            .forEach(item -> key(encryption, item, keys.size()).ifPresent(keys::add));
                }
            });
            return keys.isEmpty() ? Optional.empty() : Optional.of(new EncryptionConfig(keys, readPlain));
        }
    }

    private Optional<Key> key(Section encryption, Node item, int index) {
        if (!(item instanceof Mapping mapping)) {
            encryption
                    .problems()
                    .error(encryption.dotted("keys"), "each key must be {file: PATH} or {env: NAME}", item.at());
            return Optional.empty();
        }
        try (Section key = new Section(encryption.dotted("keys[" + index + "]"), mapping, encryption.problems())) {
            boolean file = key.has("file");
            if (file == key.has("env")) {
                key.error(
                        file ? "env" : "file",
                        file ? "is one too much beside file" : "is missing; allowed: file: PATH or env: NAME");
                return Optional.empty();
            }
            if (file) {
                return privateFile(key, "file")
                        .flatMap(text -> identity(key, "file", text))
                        .map(identity -> new Key(key.text("file").orElse(""), identity));
            }
            return key.parsed(
                            "env",
                            text -> Optional.of(text)
                                    .filter(t -> VARIABLE.matcher(t).matches()),
                            "the name of an environment variable")
                    .flatMap(name -> {
                        var value = variable(name);
                        if (value.isEmpty()) {
                            key.error("env", "\"" + name + "\" is not in the environment");
                        }
                        return value.flatMap(text -> identity(key, "env", text))
                                .map(identity -> new Key(name, identity));
                    });
        }
    }

    /** The one identity among comments, as {@code age-keygen} writes it. */
    private static Optional<Secret> identity(Section section, String key, String text) {
        List<String> lines = text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        if (lines.size() != 1 || !IDENTITY.matcher(lines.getFirst()).matches()) {
            section.error(
                    key,
                    "holds no identity of age; allowed: what age-keygen writes, one line AGE-SECRET-KEY-1 and 58 more characters");
            return Optional.empty();
        }
        return Optional.of(Secret.of(lines.getFirst()));
    }
}
