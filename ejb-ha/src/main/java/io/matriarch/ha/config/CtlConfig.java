package io.matriarch.ha.config;

import io.matriarch.ha.tls.PemFiles.Proof;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Section {@code ctl}: how the agent, as a client, calls the REST API of other members.
 *
 * @param insecure do not check their certificates
 * @param authentication empty: the one of {@code restapi}
 * @param cacert authorities to trust
 * @param certfile client certificate
 * @param keyfile its key
 * @param keyfilePassword passphrase of the key
 */
public record CtlConfig(
        boolean insecure,
        Optional<BasicCredentials> authentication,
        Optional<Path> cacert,
        Optional<Path> certfile,
        Optional<Path> keyfile,
        Optional<Secret> keyfilePassword) {

    /** The client certificate with its key. */
    public Optional<Proof> proof() {
        return certfile.map(cert -> new Proof(cert, keyfile, keyfilePassword.map(Secret::reveal)));
    }
}
