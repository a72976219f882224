package dev.weir.xds.peer;

import com.google.errorprone.annotations.ThreadSafe;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager.Verification;
import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Who one end of TLS connections is and whom it believes. Both may change while connections live: the next handshake has the
 * new ones.
 */
@ThreadSafe
public final class TlsIdentity {
    private final AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
    private final Authorities authorities;
    private volatile Pem pem;

    @SuppressWarnings("ArrayRecordComponent") // as the library takes them; written once, read once
    private record Parsed(X509Certificate[] chain, PrivateKey key, X509Certificate[] authorities) {}

    private TlsIdentity(Pem pem, Verification verification) {
        this.pem = pem;
        authorities = new Authorities(verification);
        set(parse(pem));
    }

    /** The identity of a server; throws {@link IllegalArgumentException} as {@link #update} does. */
    public static TlsIdentity server(Pem pem) {
        return new TlsIdentity(pem, Verification.CERTIFICATE_ONLY_VERIFICATION);
    }

    /** The identity of a client, which believes only servers that bear the name it calls; throws likewise. */
    public static TlsIdentity client(Pem pem) {
        return new TlsIdentity(pem, Verification.CERTIFICATE_AND_HOST_NAME_VERIFICATION);
    }

    /**
     * Takes others for the handshakes to come; all of it, or nothing.
     *
     * @throws IllegalArgumentException when it cannot be used; the message says which text and why
     */
    public void update(Pem next) {
        if (!next.equals(pem)) {
            set(parse(next));
            pem = next;
        }
    }

    /** What is wrong with it; "" = nothing. */
    public static String problem(Pem pem) {
        try {
            parse(pem);
            return "";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** The key manager that shows the certificate. */
    public X509ExtendedKeyManager keys() {
        return keys;
    }

    /** The authorities that it believes at this moment; another list after each change. */
    List<X509Certificate> authorities() {
        return authorities.all();
    }

    /** The trust manager that judges the other end's certificate. */
    public X509ExtendedTrustManager trust() {
        return authorities.trust();
    }

    private void set(Parsed parsed) {
        keys.updateIdentityCredentials(parsed.chain(), parsed.key());
        authorities.set(List.of(parsed.authorities()));
    }

    private static Parsed parse(Pem pem) {
        X509Certificate[] chain = Authorities.read("certificate", pem.certificate());
        if (chain.length == 0) {
            throw new IllegalArgumentException("certificate: none in it");
        }
        PrivateKey key = key(pem.key());
        if (!belongs(chain[0].getPublicKey(), key)) {
            throw new IllegalArgumentException("key: of another certificate");
        }
        return new Parsed(chain, key, Authorities.read("authorities", pem.authorities()));
    }

    private static PrivateKey key(String text) {
        try {
            return CertificateUtils.getPrivateKey(bytes(text));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            // the library fails in many ways on what is no key; none of them may show it
            throw new IllegalArgumentException("key: cannot be read as a PKCS #8 key in PEM");
        }
    }

    /** Whether what the key signs, the certificate confirms. */
    private static boolean belongs(PublicKey certified, PrivateKey key) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> throw new IllegalArgumentException("key: " + key.getAlgorithm() + " (expected: RSA or EC)");
        };
        byte[] probe = new byte[32];
        new SecureRandom().nextBytes(probe);
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(probe);
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certified);
            verifying.update(probe);
            return verifying.verify(signing.sign());
        } catch (GeneralSecurityException e) {
            return false; // of another kind than the certificate's
        }
    }

    private static ByteArrayInputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
