package io.matriarch.backup.store.age;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.bech32.Bech32;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import io.matriarch.ha.config.EncryptionConfig;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.KeyAgreement;

/**
 * One identity of age.
 *
 * @param id the first 16 hex digits of the SHA-256 of its recipient ({@code age1...}). Not the recipient itself: who could read that in the
 *     store could make objects that we take for our own
 * @param origin where it was configured
 */
record AgeKey(String id, String origin, RecipientStanzaReader reader, RecipientStanzaWriter writer) {
    private static final int ID_DIGITS = 16;
    private static final String RECIPIENT = "age";
    private static final BigInteger BASE_POINT = BigInteger.valueOf(9);

    /** @throws IOException if that is no identity */
    static AgeKey of(EncryptionConfig.Key key) throws IOException {
        try {
            var identity = key.identity().reveal();
            var recipient = recipient(identity);
            return new AgeKey(
                    id(recipient),
                    key.origin(),
                    X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(identity),
                    X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(recipient));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Their messages may quote the key.
            throw new IOException("the identity in " + key.origin()
                    + " is damaged: a character is wrong; restore the file that age-keygen wrote");
        }
    }

    /** The public half, as {@code age-keygen -y} prints it. */
    static String recipient(String identity) throws GeneralSecurityException {
        byte[] secret =
                Bech32.getDecoder().decode(identity.toUpperCase(Locale.ROOT)).getData();
        var factory = KeyFactory.getInstance("X25519");
        var own = factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, secret));
        var base = factory.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, BASE_POINT));
        var agreement = KeyAgreement.getInstance("X25519");
        agreement.init(own);
        agreement.doPhase(base, true);
        return Bech32.getEncoder().encode(RECIPIENT, agreement.generateSecret()).toString();
    }

    static String id(String recipient) throws GeneralSecurityException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(recipient.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(hash).substring(0, ID_DIGITS);
    }
}
