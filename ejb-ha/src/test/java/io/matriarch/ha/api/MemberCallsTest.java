package io.matriarch.ha.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.matriarch.ha.config.BasicCredentials;
import io.matriarch.ha.config.CtlConfig;
import io.matriarch.ha.config.Secret;
import io.matriarch.ha.tls.PemFiles;
import io.matriarch.ha.tls.PemFiles.Proof;
import io.matriarch.ha.tls.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a member whose certificate an authority of the test has issued. */
class MemberCallsTest {
    private static final Duration BOUND = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private TestAuthority authority;
    private HttpsServer member;
    private String authorization = "";

    @BeforeEach
    void member() throws Exception {
        authority = new TestAuthority(directory).issue("pg2");
        member = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var own = new Proof(authority.cert("pg2"), Optional.of(authority.key("pg2")), Optional.empty());
        member.setHttpsConfigurator(new HttpsConfigurator(PemFiles.server(own, Optional.empty())));
        member.createContext("/", exchange -> {
            authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        member.start();
    }

    @AfterEach
    void stop() {
        member.stop(0);
    }

    @Test
    void aMemberOfTheNamedAuthorityIsCalledWithTheCredentials() throws IOException {
        assertThat(call(false, Optional.of(authority.certificate()))).isEqualTo(204);

        assertThat(authorization).isEqualTo("Basic bWF0cmlhcmNoOnNlY3JldA==");
    }

    @Test
    void nobodyIsBelievedWhenNoAuthorityIsNamed() {
        assertThatThrownBy(() -> call(false, Optional.empty())).hasMessageContaining("ctl.cacert");
        assertThat(authorization).isEmpty();
    }

    @Test
    void aMemberOfAnotherAuthorityHearsNoCredentials() throws Exception {
        var other = new TestAuthority(Files.createDirectory(directory.resolve("other")));

        assertThatThrownBy(() -> call(false, Optional.of(other.certificate()))).isInstanceOf(SSLException.class);
        assertThat(authorization).isEmpty();
    }

    @Test
    void anyoneIsBelievedWhenThatIsWanted() throws IOException {
        assertThat(call(true, Optional.empty())).isEqualTo(204);
    }

    private int call(boolean insecure, Optional<Path> cacert) throws IOException {
        var ctl =
                new CtlConfig(insecure, Optional.empty(), cacert, Optional.empty(), Optional.empty(), Optional.empty());
        var login = new BasicCredentials("matriarch", Secret.of("secret"));
        var uri = URI.create("https://127.0.0.1:" + member.getAddress().getPort() + "/");
        var connection =
                MemberCalls.of(ctl, Optional.of(login), Optional.empty()).open("GET", uri, BOUND, BOUND);
        try {
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }
}
