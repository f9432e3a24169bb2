package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.config.Node.Kind;
import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import io.matriarch.ha.config.Node.Sequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "on|FLAG|true",
                "Off|FLAG|false",
                "YES|FLAG|true",
                "no|FLAG|false",
                "True|FLAG|true",
                "oN|TEXT|oN",
                "y|TEXT|y",
                "~|NULL|''",
                "null|NULL|''",
                "5432|INTEGER|5432",
                "-1|INTEGER|-1",
                "+7|INTEGER|7",
                "0644|INTEGER|420",
                "0o644|INTEGER|420",
                "0x1F|INTEGER|31",
                "0b101|INTEGER|5",
                "1_000|INTEGER|1000",
                "0|INTEGER|0",
                "089|TEXT|089",
                "99999999999999999999|INTEGER|99999999999999999999",
                "1.5|DECIMAL|1.5",
                ".5|DECIMAL|.5",
                "1.|DECIMAL|1.",
                "1.5e3|DECIMAL|1.5e3",
                "1e3|TEXT|1e3",
                "10:30|TEXT|10:30",
                "127.0.0.1|TEXT|127.0.0.1",
                "0x|TEXT|0x",
                "15min|TEXT|15min",
                "'\"on\"'|TEXT|on",
                "'''5'''|TEXT|5",
                "'!!str 5'|TEXT|5",
                "'!!int \"5\"'|INTEGER|5",
            })
    void plainScalarsMeanWhatPatroniReads(String written, Kind kind, String text) {
        Node value = Samples.map("key: " + written).get("key").orElseThrow();

        assertThat(value).isInstanceOf(Scalar.class);
        assertThat(((Scalar) value).kind()).isEqualTo(kind);
        assertThat(((Scalar) value).text()).isEqualTo(text == null ? "" : text);
    }

    @Test
    void eachValueKnowsItsLine() {
        Mapping map = Samples.map("a: 1\nb:\n  c: 2\n  d:\n    - 3\n");

        assertThat(map.locate("a")).hasToString("test.yml:1");
        assertThat(map.locate("b").line()).isEqualTo(2);
        assertThat(map.mapping("b").locate("d").line()).isEqualTo(4);
        assertThat(((Sequence) map.mapping("b").get("d").orElseThrow())
                        .items()
                        .get(0)
                        .at()
                        .line())
                .isEqualTo(5);
    }

    @Test
    void anchorsAndMergeKeysWork() {
        Mapping map = Samples.map("base: &b {x: 1, y: 2}\nuser:\n  <<: *b\n  y: 3\nagain: *b\n");

        assertThat(NodeJson.write(map.mapping("user"))).isEqualTo("{\"y\":3,\"x\":1}");
        assertThat(NodeJson.write(map.mapping("again"))).isEqualTo("{\"x\":1,\"y\":2}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a: [1, 2|1|",
                "'a: b\n c: d'|2|",
                "'a: \"x'|1|",
                "'a:\n\t- x'|2|",
                "'- a\nb: c'|2|",
                "'a: @x'|1|",
                "'{a: b'|1|",
                "'a: 1\n---\nb: 2'|2|second document",
                "'a: *nobody'|1|anchor",
                "'[a]: b'|1|key",
                "'<<: 5'|1|map",
                "'a: !!python/object:os.system x'|1|tag",
                "'a: !ruby/x y'|1|tag",
            })
    void brokenYamlIsOneProblemWithLineAndColumn(String text, int line, String mention) {
        assertThatThrownBy(() -> Yaml.read(text.replace("\\n", "\n"), "f.yml", new Problems()))
                .isInstanceOfSatisfying(ConfigException.class, e -> {
                    assertThat(e.problems()).hasSize(1);
                    assertThat(e.problems().get(0).at().line()).isEqualTo(line);
                    assertThat(e.getMessage()).contains("f.yml:", "broken YAML (line " + line + ", column ");
                    assertThat(e.getMessage()).contains(mention == null ? "" : mention);
                });
    }

    @Test
    void hugeDeepAndExplodingDocumentsAreRefused() {
        String deep = "[".repeat(200);
        StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 12; i++) {
            bomb.append("a")
                    .append(i)
                    .append(": &a")
                    .append(i)
                    .append(" [")
                    .append(("*a" + (i - 1) + ",").repeat(10))
                    .append("]\n");
        }

        assertThatThrownBy(() -> Yaml.read(deep, "f", new Problems())).hasMessageContaining("nested deeper");
        assertThatThrownBy(() -> Yaml.read("a: " + "{b: ".repeat(200), "f", new Problems()))
                .hasMessageContaining("nested deeper");
        assertThatThrownBy(() -> Yaml.read(bomb.toString(), "f", new Problems()))
                .hasMessageContaining("aliases");
        assertThatThrownBy(() -> Yaml.read("a".repeat(Yaml.SIZE_LIMIT + 1), "f", new Problems()))
                .hasMessageContaining("larger");
    }

    @Test
    void anAnchorThatHoldsItselfIsRefused() {
        assertThatThrownBy(() -> Yaml.read("a: &x [*x]", "f", new Problems())).isInstanceOf(ConfigException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n", "---\n", "---\n...\n", "~"})
    void anEmptyDocumentIsAnEmptyMap(String text) {
        assertThat(Yaml.read(text, "f", new Problems()))
                .isInstanceOfSatisfying(
                        Mapping.class, map -> assertThat(map.entries()).isEmpty());
    }

    @Test
    void aDoubledKeyIsAWarningAndTheLastOneCounts() {
        Problems problems = new Problems();

        Mapping map = (Mapping) Yaml.read("a: 1\nb: 2\na: 3\n", "f", problems);

        assertThat(NodeJson.write(map)).isEqualTo("{\"a\":3,\"b\":2}");
        assertThat(problems.sorted()).singleElement().asString().contains("f:3: warning: a: stands twice", "line 1");
    }

    @Test
    void aTreeInALogShowsNoValues() {
        Mapping map = Samples.map("password: hunter2\nlist: [hunter2]\n");

        assertThat(map.toString()).contains("password").doesNotContain("hunter2");
        assertThat(map.get("password").toString()).doesNotContain("hunter2");
        assertThat(map.get("list").toString()).doesNotContain("hunter2");
    }
}
