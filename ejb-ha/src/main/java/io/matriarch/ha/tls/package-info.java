/** PEM files and OpenSSL's cipher lists for the JDK's TLS. Knows nothing of members or configurations. */
@NullMarked
package io.matriarch.ha.tls;

import org.jspecify.annotations.NullMarked;
