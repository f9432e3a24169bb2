package io.matriarch.ha.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.api.Access.Caller;
import io.matriarch.ha.api.Access.Verdict;
import io.matriarch.ha.config.BasicCredentials;
import io.matriarch.ha.config.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessTest {
    private static final Optional<BasicCredentials> ADMIN =
            Optional.of(new BasicCredentials("admin", Secret.of("s:cret")));

    private static Optional<String> basic(String text) {
        return Optional.of("Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, GRANTED",
        "10.0.0.0/8, 11.0.0.1, ADDRESS_DENIED",
        "10.0.0.128/25, 10.0.0.127, ADDRESS_DENIED",
        "10.0.0.128/25, 10.0.0.129, GRANTED",
        "10.0.0.7, 10.0.0.7, GRANTED",
        "0.0.0.0/0, 1.2.3.4, GRANTED",
        "::1, 127.0.0.1, ADDRESS_DENIED",
        "::1, 0:0:0:0:0:0:0:1, GRANTED",
        "10.0.0.0/99, 10.0.0.1, ADDRESS_DENIED"
    })
    void theListNamesAddressesAndNetworks(String entry, String caller, Verdict verdict) {
        var access = new Access(List.of(entry), Optional.empty(), false, Optional.empty());

        assertThat(access.judge(new Caller(caller, false, Optional.empty()), false))
                .isEqualTo(verdict);
    }

    @Test
    void membersAreAllowedExceptForFailsafe() {
        var access = new Access(
                List.of("10.9.9.9"),
                Optional.of(() -> List.of("http://10.0.0.2:8008/patroni")),
                false,
                Optional.empty());

        assertThat(access.judge(new Caller("10.0.0.2", false, Optional.empty()), false))
                .isEqualTo(Verdict.GRANTED);
        assertThat(access.judge(new Caller("10.0.0.2", false, Optional.empty()), true))
                .isEqualTo(Verdict.ADDRESS_DENIED);
    }

    @Test
    void credentialsAreAskedForAfterTheAddress() {
        var access = new Access(List.of("10.0.0.1"), Optional.empty(), false, ADMIN);

        assertThat(access.judge(new Caller("10.0.0.2", false, basic("admin:s:cret")), false))
                .isEqualTo(Verdict.ADDRESS_DENIED);
        assertThat(access.judge(new Caller("10.0.0.1", false, Optional.empty()), false))
                .isEqualTo(Verdict.NO_CREDENTIALS);
        assertThat(access.judge(new Caller("10.0.0.1", false, basic("admin:wrong")), false))
                .isEqualTo(Verdict.WRONG_CREDENTIALS);
        assertThat(access.judge(new Caller("10.0.0.1", false, basic("root:s:cret")), false))
                .isEqualTo(Verdict.WRONG_CREDENTIALS);
        assertThat(access.judge(new Caller("10.0.0.1", false, Optional.of("Bearer x")), false))
                .isEqualTo(Verdict.WRONG_CREDENTIALS);
        assertThat(access.judge(new Caller("10.0.0.1", false, basic("admin:s:cret")), false))
                .isEqualTo(Verdict.GRANTED);
    }

    @Test
    void onlyCredentialsAndCertificatesProveWhoCalls() {
        var network = List.of("10.0.0.0/8");

        assertThat(new Access(network, Optional.empty(), false, Optional.empty()).identifies())
                .isFalse();
        assertThat(new Access(List.of(), Optional.empty(), false, ADMIN).identifies())
                .isTrue();
        assertThat(new Access(List.of(), Optional.empty(), true, Optional.empty()).identifies())
                .isTrue();
    }

    @Test
    void aCertificateIsAskedForBetweenTheAddressAndTheCredentials() {
        var access = new Access(List.of("10.0.0.1"), Optional.empty(), true, ADMIN);

        assertThat(access.judge(new Caller("10.0.0.2", true, basic("admin:s:cret")), false))
                .isEqualTo(Verdict.ADDRESS_DENIED);
        assertThat(access.judge(new Caller("10.0.0.1", false, basic("admin:s:cret")), false))
                .isEqualTo(Verdict.NO_CERTIFICATE);
        assertThat(access.judge(new Caller("10.0.0.1", true, Optional.empty()), false))
                .isEqualTo(Verdict.NO_CREDENTIALS);
        assertThat(access.judge(new Caller("10.0.0.1", true, basic("admin:s:cret")), false))
                .isEqualTo(Verdict.GRANTED);
    }
}
