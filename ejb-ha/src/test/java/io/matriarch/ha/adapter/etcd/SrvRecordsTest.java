package io.matriarch.ha.adapter.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.port.DcsUnavailableException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SrvRecordsTest {
    private static final List<String> TWO = List.of("10 5 2379 etcd2.example.org.", "0 1 2379 etcd1.example.org.");

    private static List<URI> resolve(Map<String, List<String>> records, String domain, Optional<String> suffix)
            throws Exception {
        try (var dns = new FakeDns(records)) {
            return SrvRecords.by(dns.url()).endpoints(domain, suffix);
        }
    }

    @Test
    void recordsForTlsAreAskedForFirst() throws Exception {
        var records = Map.of("_etcd-client-ssl._tcp.example.org", TWO, "_etcd-client._tcp.example.org", TWO);

        assertThat(resolve(records, "example.org", Optional.empty()))
                .containsExactly(
                        URI.create("https://etcd1.example.org:2379"), URI.create("https://etcd2.example.org:2379"));
    }

    @Test
    void plainRecordsAreTakenWhenThereAreNoOthers() throws Exception {
        assertThat(resolve(Map.of("_etcd-client._tcp.example.org", TWO), "example.org", Optional.empty()))
                .containsExactly(
                        URI.create("http://etcd1.example.org:2379"), URI.create("http://etcd2.example.org:2379"));
    }

    @Test
    void theSuffixIsPartOfTheServicesName() throws Exception {
        var records = Map.of(
                "_etcd-client-blue._tcp.example.org",
                List.of("0 0 23 blue.example.org."),
                "_etcd-client._tcp.example.org",
                TWO);

        assertThat(resolve(records, "example.org", Optional.of("blue")))
                .containsExactly(URI.create("http://blue.example.org:23"));
    }

    @Test
    void aDomainWithoutRecordsIsToldWithAllThatWasAsked() {
        assertThatThrownBy(() -> resolve(Map.of(), "example.org", Optional.empty()))
                .isInstanceOf(DcsUnavailableException.class)
                .hasMessageContaining("_etcd-client-ssl._tcp.example.org, _etcd-client._tcp.example.org")
                .hasMessageContaining("the domain has none");
    }

    @Test
    void aNameServerThatDoesNotAnswerIsToldApartFromADomainWithoutRecords() throws Exception {
        String gone;
        try (var dns = new FakeDns(Map.of())) {
            gone = dns.url();
        }

        assertThatThrownBy(() -> SrvRecords.by(gone).endpoints("example.org", Optional.empty()))
                .isInstanceOf(DcsUnavailableException.class)
                .hasMessageContaining("did not answer");
    }

    @Test
    void aRecordThatNamesNobodyIsNoEndpoint() {
        assertThat(SrvRecords.Record.parse("0 0 0 .")).isEmpty();
        assertThat(SrvRecords.Record.parse("0 0 2379 .")).isEmpty();
        assertThat(SrvRecords.Record.parse("a b c d")).isEmpty();
        assertThat(SrvRecords.Record.parse("1 2 2379 e.example.org."))
                .contains(new SrvRecords.Record(1, 2, 2379, "e.example.org"));
    }
}
