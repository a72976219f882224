package dev.weir.control.config;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PEM text of certificates. As strict as Envoy, which refuses a whole cluster for one bad certificate. Text between the
 * certificates is allowed, as bundles name them there; a private key is not: authorities are public, and sent to sidecars.
 *
 * <p>Whether a certificate is valid today is no matter of configuration: it would change without any change. A handshake
 * says it.
 */
final class CertificateText {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)(?:-----END ([A-Z0-9 ]+)-----|\\z)", Pattern.DOTALL);

    private CertificateText() {}

    /** What is wrong with it; empty = nothing. */
    static Optional<String> problem(String pem) {
        if (pem.contains("PRIVATE KEY-----")) {
            return Optional.of("this one holds a private key");
        }
        int number = 0;
        for (Matcher block = BLOCK.matcher(pem); block.find(); ) {
            number++;
            if (!block.group(1).equals("CERTIFICATE") || !block.group(1).equals(block.group(3))) {
                return Optional.of("block " + number + " is no certificate from BEGIN to END");
            }
            if (certificate(block.group(2)).isEmpty()) {
                return Optional.of("certificate " + number + " cannot be read");
            }
        }
        return number == 0 ? Optional.of("there is none in this one") : Optional.empty();
    }

    /** Numbers and dates of those certificates of a text without {@link #problem} that are not valid at {@code now}. */
    static List<String> outOfDate(String pem, Instant now) {
        List<String> found = new ArrayList<>();
        int number = 0;
        for (Matcher block = BLOCK.matcher(pem); block.find(); ) {
            number++;
            X509Certificate each = certificate(block.group(2)).orElse(null);
            if (each == null) {
                continue;
            }
            if (now.isAfter(each.getNotAfter().toInstant())) {
                found.add("certificate " + number + " ended on "
                        + each.getNotAfter().toInstant());
            } else if (now.isBefore(each.getNotBefore().toInstant())) {
                found.add("certificate " + number + " begins on "
                        + each.getNotBefore().toInstant());
            }
        }
        return found;
    }

    private static Optional<X509Certificate> certificate(String base64) {
        try {
            byte[] der = Base64.getDecoder().decode(base64.replaceAll("\\s", ""));
            return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der))
                                    instanceof X509Certificate certificate
                            && Arrays.equals(certificate.getEncoded(), der)
                    ? Optional.of(certificate)
                    : Optional.empty();
        } catch (CertificateException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
