package io.matriarch.tests.stores;

import io.matriarch.ha.config.EncryptionConfig;
import io.matriarch.ha.config.Secret;
import java.util.List;

/** Identities of age that protect nothing. */
public final class Keys {
    public static final String FIRST = "AGE-SECRET-KEY-1SU3J829UECXD6NR8WCNL93SMCQYUJA92TRNW4E48GJLPVLA57UMS78L5RV";
    public static final String FIRST_RECIPIENT = "age17jk2zhygc6a3s986yrggavsfqf2vcfxf4hdypag964e6h75dyd7qvw7vxc";
    public static final String SECOND = "AGE-SECRET-KEY-1CXGRZFXQUSQCKMK6PFURFPWTA7VM86VUFM3RRSNCSVPW4XPUXKZS6GQD8E";

    private Keys() {}

    public static EncryptionConfig config(String... identities) {
        return new EncryptionConfig(
                List.of(identities).stream()
                        .map(identity -> new EncryptionConfig.Key(
                                identity.equals(FIRST) ? "/etc/first.age" : "/etc/second.age", Secret.of(identity)))
                        .toList(),
                false);
    }
}
