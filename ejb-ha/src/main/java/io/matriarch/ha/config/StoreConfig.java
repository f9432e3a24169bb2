package io.matriarch.ha.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An object store as repository, from {@code matriarch.backup.repository} and {@code matriarch.backup.store}.
 *
 * @param kind whose interface it speaks
 * @param container the bucket of S3, the container of Azure; it has to be there
 * @param prefix goes before the names of all objects, with a slash at its end; empty for none
 * @param endpoint where the store answers
 * @param region of S3, which is part of each signature
 * @param pathStyle whether the bucket stands in the path of a URL, not in the host's name
 * @param account the access key of S3, the storage account of Azure: who we are
 * @param secret what proves that
 * @param cacert whom to trust about the endpoint, beside nobody else; empty: whom Java trusts
 */
public record StoreConfig(
        Kind kind,
        String container,
        String prefix,
        URI endpoint,
        String region,
        boolean pathStyle,
        String account,
        Secret secret,
        Optional<Path> cacert) {

    /** The interfaces that we speak. */
    public enum Kind {
        S3("s3"),
        AZURE("azure");

        private final String scheme;

        Kind(String scheme) {
            this.scheme = scheme;
        }

        /** As it begins the value of {@code matriarch.backup.repository}. */
        public String scheme() {
            return scheme;
        }
    }

    /** The same without the secret, for messages. */
    public String where() {
        return kind.scheme() + "://" + (kind == Kind.AZURE ? account + "/" : "") + container
                + (prefix.isEmpty() ? "" : "/" + prefix.replaceFirst("/$", "")) + " at " + endpoint;
    }
}
