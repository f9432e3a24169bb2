package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmallTypesTest {

    @Test
    void aSecretNeverShowsItself() {
        Secret secret = Secret.of("hunter2");

        assertThat(secret.toString()).doesNotContain("hunter2");
        assertThat(List.of(Optional.of(secret)).toString()).doesNotContain("hunter2");
        assertThat(secret.reveal()).isEqualTo("hunter2");
        assertThat(secret.matches("hunter2")).isTrue();
        assertThat(secret.matches("hunter3")).isFalse();
        assertThat(secret).isEqualTo(Secret.of("hunter2")).isNotEqualTo(Secret.of("x"));
    }

    @Test
    void noSecretLeavesALoadedConfiguration() {
        String shown = Samples.load(Samples.patroniStyle()).toString();

        assertThat(shown).doesNotContain("-secret").contains("pg1");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "127.0.0.1:8008,0,127.0.0.1:8008",
                "pg1.example.com:5432,0,pg1.example.com:5432",
                "pg1,5432,pg1:5432",
                "pg1,0,-",
                "[::1]:8008,0,[::1]:8008",
                "[::1],8008,[::1]:8008",
                "::1,8008,[::1]:8008",
                "::1:8008,0,[::1]:8008",
                "*:5432,0,*:5432",
                "h:0,0,-",
                "h:65536,0,-",
                "h:65535,0,h:65535",
                "h:,8008,-",
                "h:x,8008,-",
                ":8008,0,-",
                "'',8008,-",
                "a b:1,0,-",
                "-h:1,0,-",
                "h:-1,0,-",
                "h:123456,0,-",
                "a_b:1,0,a_b:1",
                "fe80::1%eth0,1,[fe80::1%eth0]:1",
                "http://h:1,0,-",
                "300.1.1.1:1,0,-",
                "5432,5432,-",
                "1.2.3:1,0,-",
                "255.0.10.199:1,0,255.0.10.199:1",
                "1.2.3.4.:1,0,-",
                "10:23:2379,2379,-",
                "1::2::3,1,-",
                ":::5432,5432,-",
            })
    void hostAndPort(String written, int defaultPort, String expected) {
        Optional<HostPort> parsed = HostPort.parse(written, defaultPort);

        assertThat(parsed.map(HostPort::toString)).isEqualTo(Optional.ofNullable(expected));
        parsed.ifPresent(
                address -> assertThat(HostPort.parse(address.toString(), 0)).contains(address));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "127.0.0.1,127.0.0.2:5433|127.0.0.1,127.0.0.2:5433|127.0.0.1:5433",
                "*:5432|*:5432|127.0.0.1:5432",
                "0.0.0.0|0.0.0.0:5432|127.0.0.1:5432",
                "[::]:5432|:::5432|[::1]:5432",
                "10.0.0.1, 10.0.0.2|10.0.0.1,10.0.0.2:5432|10.0.0.1:5432",
                "10.0.0.1:5432,10.0.0.2:5433|-|-",
                "a,:1|-|-",
                ",a:1|-|-",
            })
    void listenAddress(String written, String expected, String local) {
        Optional<ListenAddress> parsed = ListenAddress.parse(written, 5432);

        assertThat(parsed.map(ListenAddress::toString)).isEqualTo(Optional.ofNullable(expected));
        assertThat(parsed.map(address -> address.local().toString())).isEqualTo(Optional.ofNullable(local));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "30,s,30",
                "'30 ',s,30",
                "1min,s,60",
                "2 h,s,7200",
                "1500ms,s,2",
                "500ms,s,0",
                "1d,s,86400",
                "1.5,'',2",
                "2.5,'',2",
                "128MB,MB,128",
                "1GB,MB,1024",
                "1 GB,MB,1024",
                "1024kB,MB,1",
                "1TB,B,1099511627776",
                "1mb,MB,-",
                "5s,'',-",
                "5s,MB,-",
                "5MB,s,-",
                "x,'',-",
                "'','',-",
                "0x10,'',16",
                "-1,'',-1",
                "1e3,'',1000",
                "1e999,'',-",
                "99999999999999999999,'',-",
                "1 2,'',-",
            })
    void numbersWithUnits(String written, String unit, Long expected) {
        OptionalLong number = Units.whole(written, unit);

        assertThat(number.isPresent() ? number.getAsLong() : null).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "nofailovr,nofailover,1",
        "hsots,hosts,1",
        "listen,listen,0",
        "parametres,parameters,1",
        "ab,ba,1",
        "'',abc,3",
        "abc,'',3",
        "kitten,sitting,3"
    })
    void distanceCountsEditsAndSwaps(String a, String b, int distance) {
        assertThat(NearestKey.distance(a, b)).isEqualTo(distance);
        assertThat(NearestKey.distance(b, a)).isEqualTo(distance);
    }

    @Test
    void nearestKeySuggestsOnlyWhatIsNear() {
        List<String> keys = List.of("ttl", "loop_wait", "retry_timeout");

        assertThat(NearestKey.of("looop_wait", keys)).contains("loop_wait");
        assertThat(NearestKey.of("lop_wiat", keys)).contains("loop_wait");
        assertThat(NearestKey.of("tlt", keys)).contains("ttl");
        assertThat(NearestKey.of("banana", keys)).isEmpty();
        assertThat(NearestKey.of("x".repeat(10_000), keys)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{a: 1}|{b: 2}|{\"a\":1,\"b\":2}",
                "{a: 1}|{a: null}|{}",
                "{a: 1}|{b: null}|{\"a\":1}",
                "{a: {b: 1, c: 2}}|{a: {b: 3}}|{\"a\":{\"b\":3,\"c\":2}}",
                "{a: {b: 1, c: 2}}|{a: {b: null}}|{\"a\":{\"c\":2}}",
                "{a: {b: 1}}|{a: 5}|{\"a\":5}",
                "{a: 5}|{a: {b: 1}}|{\"a\":{\"b\":1}}",
                "{a: [1, 2]}|{a: [3]}|{\"a\":[3]}",
                "{a: 5}|{a: '5'}|{\"a\":5}",
                "{a: 5}|{a: 6}|{\"a\":6}",
                "{}|{slots: {s: null}}|{\"slots\":{\"s\":null}}",
                "{slots: {s: {}, t: {}}}|{slots: {s: null}}|{\"slots\":{\"t\":{}}}",
            })
    void patchMergesAsPatroniDoes(String base, String patch, String expected) {
        assertThat(NodeJson.write(ConfigPatch.apply(Samples.map(base), Samples.map(patch))))
                .isEqualTo(expected);
        assertThat(ConfigPatch.applyJson(NodeJson.write(Samples.map(base)), NodeJson.write(Samples.map(patch))))
                .contains(expected);
    }

    @Test
    void patchOfBrokenJson() {
        assertThat(ConfigPatch.applyJson("{}", "[1]")).isEmpty();
        assertThat(ConfigPatch.applyJson("{}", "{")).isEmpty();
        assertThat(ConfigPatch.applyJson("rubbish", "{\"ttl\": 20}")).contains("{\"ttl\":20}");
    }
}
