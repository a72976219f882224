package dev.weir.xds.peer;

import com.google.errorprone.annotations.ThreadSafe;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.grpc.util.AdvancedTlsX509TrustManager.Verification;
import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;

/** Whose certificates one end of TLS connections believes. May change while connections live. */
@ThreadSafe
public final class Authorities {
    private final AdvancedTlsX509TrustManager trust;
    private volatile List<X509Certificate> all = List.of();

    Authorities(Verification verification) {
        try {
            trust = AdvancedTlsX509TrustManager.newBuilder()
                    .setVerification(verification)
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The authorities of a client that shows no certificate, and believes only servers that bear the name it calls.
     *
     * @throws IllegalArgumentException as {@link #update}
     */
    public static Authorities ofServers(String pem) {
        Authorities authorities = new Authorities(Verification.CERTIFICATE_AND_HOST_NAME_VERIFICATION);
        authorities.update(pem);
        return authorities;
    }

    /**
     * Takes others for the handshakes to come; all of them, or nothing.
     *
     * @throws IllegalArgumentException when there is none in the text, or one that cannot be read
     */
    public void update(String pem) {
        List<X509Certificate> next = List.of(read("authorities", pem));
        if (next.isEmpty()) {
            throw new IllegalArgumentException("authorities: none in it");
        }
        set(next);
    }

    /** The trust manager that judges the other end's certificate. */
    public X509ExtendedTrustManager trust() {
        return trust;
    }

    /** The authorities that are believed at this moment; another list after each change. */
    List<X509Certificate> all() {
        return all;
    }

    void set(List<X509Certificate> next) {
        try {
            trust.updateTrustCredentials(next.toArray(new X509Certificate[0]));
            all = next;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("authorities: " + e.getMessage(), e);
        }
    }

    static X509Certificate[] read(String what, String text) {
        try {
            return CertificateUtils.getX509Certificates(
                    new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(what + ": cannot be read as PEM certificates", e);
        }
    }
}
