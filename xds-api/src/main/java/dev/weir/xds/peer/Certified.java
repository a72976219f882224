package dev.weir.xds.peer;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What a connection's certificate says, which the handshake has verified against the authorities. */
final class Certified {
    static final String SPIFFE = "spiffe://";

    private static final int DNS = 2;
    private static final int URI = 6;

    private Certified() {}

    /** The other end's own certificate; null = it showed none. */
    static @Nullable X509Certificate of(@Nullable SSLSession session) {
        if (session == null) {
            return null;
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate certificate ? certificate : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    private static boolean names(int kind, List<?> alternative) {
        return alternative.get(0).equals(kind);
    }

    private static boolean isSpiffe(String uri) {
        return uri.startsWith(SPIFFE) && uri.indexOf('/', SPIFFE.length()) > 0 && !uri.endsWith("/");
    }

    /** Its SPIFFE ids and DNS names; what is meant for many, as a wildcard is, names nobody. */
    static Set<String> names(X509Certificate certificate) {
        Set<String> names = new TreeSet<>();
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            for (List<?> each : all == null ? List.<List<?>>of() : all) {
                if (each.get(1) instanceof String name
                        && name.chars().allMatch(c -> c > ' ' && c <= '~')
                        && (names(DNS, each) ? !name.contains("*") : names(URI, each) && isSpiffe(name))) {
                    names.add(name);
                }
            }
        } catch (CertificateParsingException e) {
            return Set.of(); // bears no name that could be read: refused as one without
        }
        return names;
    }
}
