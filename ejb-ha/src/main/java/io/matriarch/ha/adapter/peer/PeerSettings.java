package io.matriarch.ha.adapter.peer;

import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How this member calls the others.
 *
 * @param login for HTTP Basic authentication
 * @param tls for {@code https} URLs; see {@link PeerTls}
 */
public record PeerSettings(Optional<Login> login, SSLContext tls) {

    /** User and password; the password never shows. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return user + ":********";
        }
    }
}
