package io.matriarch.ha.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

    @Test
    void everyKindOfValueIsRead() {
        var read = Json.parse(" {\"a\": [1, -2.5, true, false, null, \"x\"], \"b\": {}, \"c\":[] } ");

        assertThat(read)
                .isEqualTo(Map.of("a", List.of(1L, -2.5, true, false, Json.NULL, "x"), "b", Map.of(), "c", List.of()));
    }

    @Test
    void numbersBeyondLongKeepEveryDigit() {
        assertThat(Json.parse("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(Json.parse("-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
        assertThat(Json.parse("9223372036854775808")).isEqualTo(new BigInteger("9223372036854775808"));
    }

    @Test
    void escapesAreReadAndWritten() {
        String text = "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\udc18\"";

        assertThat(Json.parse(text)).isEqualTo("\"\\/\b\f\n\r\t\u00e9\ud83d\udc18");
        assertThat(Json.compact("\"\\/\b\f\n\r\t\u00e9\ud83d\udc18\u007f\u0001"))
                .isEqualTo("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\udc18\\u007f\\u0001\"");
    }

    @Test
    void orderAndSeparatorsAreThoseOfPatroni() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("b", 1);
        map.put("a", List.of(true, Optional.empty()));

        assertThat(Json.compact(map)).isEqualTo("{\"b\":1,\"a\":[true,null]}");
        assertThat(Json.spaced(map)).isEqualTo("{\"b\": 1, \"a\": [true, null]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[",
                "[1",
                "[1,",
                "[1,]",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,}",
                "{a:1}",
                "01",
                "-",
                "1.",
                "1e",
                "+1",
                ".5",
                "nul",
                "tru",
                "\"",
                "\"\\",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\n\"",
                "1 2",
                "NaN",
                "Infinity",
                "1e999",
                "'a'"
            })
    void whatIsNotJsonIsRefused(String text) {
        assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(JsonException.class);
    }

    @Test
    void depthIsBounded() {
        assertThatThrownBy(() -> Json.parse("[".repeat(100_000))).isInstanceOf(JsonException.class);
        assertThat(Json.parse("[".repeat(JsonReader.MAX_DEPTH) + "]".repeat(JsonReader.MAX_DEPTH)))
                .isInstanceOf(List.class);
    }

    @Test
    void aValueOfAnUnexpectedKindIsAsGoodAsAbsent() {
        var object = Json.parseObject(
                "{\"s\":1,\"n\":\" 42 \",\"f\":3.0,\"g\":3.5,\"b\":\"true\",\"z\":null,\"o\":[],\"big\":99999999999999999999}");

        assertThat(object.string("s")).isEmpty();
        assertThat(object.number("n")).contains(42L);
        assertThat(object.number("f")).contains(3L);
        assertThat(object.number("g")).isEmpty();
        assertThat(object.number("big")).isEmpty();
        assertThat(object.bool("b")).isEmpty();
        assertThat(object.has("z")).isTrue();
        assertThat(object.get("z")).isEmpty();
        assertThat(object.object("o")).isEmpty();
        assertThat(object.array("o")).contains(List.of());
    }

    @Test
    void whatIsWrittenIsReadBackEqual() {
        Object value = Json.parse("{\"k\":[{\"x\":-0.125,\"y\":123456789012345},\"\\u0000\",{}],\"l\":null}");

        assertThat(Json.parse(Json.compact(value))).isEqualTo(value);
        assertThat(Json.parse(Json.spaced(value))).isEqualTo(value);
    }

    @Test
    void aValueWithoutJsonFormIsRefused() {
        assertThatThrownBy(() -> Json.compact(new Object())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Json.compact(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Json.compact(Map.of(1, 2))).isInstanceOf(IllegalArgumentException.class);
    }
}
