package io.matriarch.ha.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CipherListTest {
    private static final String GCM128 = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    private static final String GCM256 = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    private static final String CHACHA = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256";
    private static final String CBC = "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256";
    private static final String OLD = "TLS_RSA_WITH_AES_128_CBC_SHA";
    private static final String TRIPLE = "SSL_RSA_WITH_3DES_EDE_CBC_SHA";
    private static final String ANONYMOUS = "TLS_ECDH_anon_WITH_AES_128_CBC_SHA";
    private static final String NULL = "TLS_ECDHE_RSA_WITH_NULL_SHA";
    private static final List<String> OFFERED = List.of(GCM256, GCM128, CHACHA, CBC, OLD, TRIPLE, ANONYMOUS, NULL);

    private static List<String> selected(String list) {
        return CipherList.select(list, OFFERED, Set.of(GCM256, GCM128));
    }

    @Test
    void wordsSelectAndExclamationMarksBan() {
        assertThat(selected("HIGH:!aNULL:!SHA1")).containsExactly(GCM256, GCM128, CHACHA, CBC);
        assertThat(selected("ALL:!aNULL:!3DES")).containsExactly(GCM256, GCM128, CHACHA, CBC, OLD);
        assertThat(selected("DEFAULT")).containsExactly(GCM256, GCM128);
    }

    @Test
    void whatIsBannedStaysBannedAndWhatIsTakenOutMayComeBack() {
        assertThat(selected("!kRSA:ALL:kRSA")).doesNotContain(OLD, TRIPLE);
        assertThat(selected("ECDHE:-AESGCM:AES128+AESGCM")).containsExactly(CHACHA, NULL, GCM128);
    }

    @Test
    void aPlusMovesToTheEndAndJoinsWords() {
        assertThat(selected("ECDHE+AESGCM:CHACHA20:+AES256")).containsExactly(GCM128, CHACHA, GCM256);
    }

    @ParameterizedTest
    @CsvSource({
        "ECDHE-RSA-AES128-GCM-SHA256, " + GCM128,
        "ECDHE-ECDSA-AES256-GCM-SHA384, " + GCM256,
        "ECDHE-RSA-CHACHA20-POLY1305, " + CHACHA,
        "DHE-RSA-AES256-SHA256, " + CBC,
        "AES128-SHA, " + OLD,
        "DES-CBC3-SHA, " + TRIPLE,
        "TLS_RSA_WITH_AES_128_CBC_SHA, " + OLD
    })
    void suitesAreNamedInOpenSslsWayAndInTheJdks(String word, String suite) {
        assertThat(selected(word)).containsExactly(suite);
    }

    @Test
    void unknownWordsAndCommandsSelectNothing() {
        assertThat(selected("CAMELLIA:PSK:@STRENGTH:@SECLEVEL=2")).isEmpty();
    }

    @Test
    void theSuitesOfTls13StayWhateverTheListSays() {
        assertThat(CipherList.select("ECDHE+AESGCM"))
                .contains("TLS_AES_128_GCM_SHA256", GCM128)
                .doesNotContain(CHACHA);
        assertThatThrownBy(() -> CipherList.select("CAMELLIA")).hasMessageContaining("no cipher");
    }
}
