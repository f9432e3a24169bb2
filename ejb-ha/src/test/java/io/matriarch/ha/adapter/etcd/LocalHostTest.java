package io.matriarch.ha.adapter.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalHostTest {
    /** Reserved for documentation: nobody has it. */
    private static final URI ELSEWHERE = URI.create("http://192.0.2.1:2379");

    @Test
    void theEndpointOnThisHostIsFound() {
        assertThat(LocalHost.firstLocal(
                        List.of(ELSEWHERE, URI.create("http://127.0.0.1:2379"), URI.create("http://[::1]:2379"))))
                .hasValue(1);
    }

    @Test
    void endpointsElsewhereAndUnknownNamesAreNotLocal() {
        assertThat(LocalHost.firstLocal(List.of(ELSEWHERE, URI.create("http://no-such-host.invalid:2379"))))
                .isEmpty();
    }
}
