package io.matriarch.backup.store.age;

import io.matriarch.backup.repository.Cipher;
import io.matriarch.backup.repository.CipherMaker;
import io.matriarch.ha.config.EncryptionConfig;
import java.io.IOException;
import java.util.ArrayList;

/** Makes ciphers of age from the configured identities. */
public final class AgeMaker implements CipherMaker {

    @Override
    public Cipher make(EncryptionConfig config) throws IOException {
        var keys = new ArrayList<AgeKey>();
        for (var key : config.keys()) {
            keys.add(AgeKey.of(key));
        }
        return new AgeCipher(keys);
    }
}
