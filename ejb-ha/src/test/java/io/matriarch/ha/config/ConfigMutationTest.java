package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A file that somebody damaged in any way is either read or reported; nothing else ever comes out, and no secret. */
class ConfigMutationTest {

    private static final int ROUNDS = Integer.getInteger("matriarch.config.mutations", 1_000);
    private static final long SEED = Long.getLong("matriarch.config.seed", 20261123L);
    private static final String[] PIECES = {
        ":",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "&a ",
        "*a",
        "!!int ",
        "!x ",
        "|",
        ">",
        "%",
        "@",
        "#",
        "\t",
        "null",
        "~",
        "on",
        "0",
        "-1",
        "99999999999999999999999",
        "1e999",
        ".5",
        "<<: ",
        "\u0000",
        "\ud83d\ude00",
        "\ufeff",
        "---\n",
        "...\n",
        "\n",
        "  ",
        "é",
        "0x",
        "\\",
        ",",
        "127.0.0.1",
        "[::]",
        "/",
        "..",
        "\u0085",
        "\u2028"
    };

    @Test
    void aDamagedFileIsReadOrReported() {
        String valid = Samples.patroniStyle();
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(SEED + round);
            String text = valid;
            for (int change = random.nextInt(4); change >= 0; change--) {
                text = random.nextBoolean() ? damageText(text, random) : damageLines(text, random);
            }
            check(text, SEED + round);
        }
    }

    @Test
    void aDamagedDynamicConfigurationIsReadOrNoted() {
        String valid =
                NodeJson.write(Samples.load(Samples.patroniStyle()).bootstrap().dcs());
        LocalConfig local = Samples.load(Samples.patroniStyle());
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(SEED + round);
            String text = valid;
            for (int change = random.nextInt(3); change >= 0; change--) {
                text = random.nextBoolean() ? damageText(text, random) : replaceValue(text, random);
            }
            DynamicConfig config = DynamicConfig.of(Optional.of(text), local, random.nextBoolean());
            EffectivePostgres postgres = EffectivePostgres.of(config.stored(), local, 12 + random.nextInt(6));
            assertThat(config.cluster().ttl()).isPositive();
            assertThat(postgres.parameters().commandLine())
                    .containsEntry("port", "5432")
                    .hasSize(13);
            assertThat(NodeJson.parse(NodeJson.write(config.stored()))).isPresent();
        }
    }

    private static void check(String text, long seed) {
        try {
            ConfigLoader.Loaded loaded = Samples.loader(Map.of()).loadText(text, "f.yml");
            InitialConfig.document(loaded.config().bootstrap());
            EffectivePostgres.of(loaded.config().bootstrap().dcs(), loaded.config(), 15);
            assertThat(loaded.config().toString()).as("seed %d", seed).doesNotContain("super-secret");
        } catch (ConfigException e) {
            assertThat(e.problems()).as("seed %d", seed).isNotEmpty();
            assertThat(e.problems().get(0).severity()).as("seed %d", seed).isEqualTo(Problem.Severity.ERROR);
            assertThat(e.getMessage().lines()).as("seed %d", seed).hasSameSizeAs(e.problems());
            assertThat(e.getMessage()).as("seed %d", seed).doesNotContain("super-secret");
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError("seed " + seed + " broke the reader with:\n" + text, e);
        }
    }

    private static String damageText(String text, Random random) {
        int at = random.nextInt(text.length() + 1);
        int length = Math.min(random.nextInt(8), text.length() - at);
        return switch (random.nextInt(3)) {
            case 0 -> text.substring(0, at) + text.substring(at + length);
            case 1 -> text.substring(0, at) + PIECES[random.nextInt(PIECES.length)] + text.substring(at);
            default -> text.substring(0, at) + PIECES[random.nextInt(PIECES.length)] + text.substring(at + length);
        };
    }

    private static String damageLines(String text, Random random) {
        List<String> lines = new ArrayList<>(text.lines().toList());
        if (lines.isEmpty()) {
            return text;
        }
        int at = random.nextInt(lines.size());
        String line = lines.get(at);
        switch (random.nextInt(5)) {
            case 0 -> lines.remove(at);
            case 1 -> lines.add(random.nextInt(lines.size()), line);
            case 2 -> lines.set(at, "  " + line);
            case 3 -> lines.set(at, line.replaceFirst("^ {2}", ""));
            default -> {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    lines.set(
                            at,
                            line.substring(0, colon + 1) + " "
                                    + PIECES[random.nextInt(PIECES.length)].replace("\n", ""));
                }
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static String replaceValue(String json, Random random) {
        String[] values = {
            "null",
            "true",
            "-1",
            "0",
            "\"\"",
            "\"x\"",
            "[]",
            "{}",
            "1e308",
            "12345678901234567890",
            "[{}]",
            "{\"a\":null}",
            "0.5"
        };
        List<Integer> colons = new ArrayList<>();
        for (int i = 0; i < json.length(); i++) {
            if (json.charAt(i) == ':') {
                colons.add(i);
            }
        }
        if (colons.isEmpty()) {
            return json;
        }
        int at = colons.get(random.nextInt(colons.size())) + 1;
        int end = at;
        int depth = 0;
        while (end < json.length() && (depth > 0 || ",}]".indexOf(json.charAt(end)) < 0)) {
            depth += "{[".indexOf(json.charAt(end)) >= 0 ? 1 : "}]".indexOf(json.charAt(end)) >= 0 ? -1 : 0;
            end++;
        }
        return json.substring(0, at) + values[random.nextInt(values.length)] + json.substring(end);
    }
}
