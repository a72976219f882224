package dev.weir.xds.peer;

import dev.weir.xds.PrintableText;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
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

    /** What the other end showed, its own certificate first; empty = nothing. */
    static List<X509Certificate> chain(@Nullable SSLSession session) {
        if (session == null) {
            return List.of();
        }
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate each : session.getPeerCertificates()) {
                if (!(each instanceof X509Certificate certificate)) {
                    return List.of();
                }
                chain.add(certificate);
            }
            return chain;
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }

    /** Whether one of these authorities, by those between, has issued the first of {@code chain}. */
    static boolean by(List<X509Certificate> authorities, List<X509Certificate> chain) {
        if (authorities.isEmpty()) {
            return false;
        }
        try {
            X509CertSelector own = new X509CertSelector();
            own.setCertificate(chain.get(0));
            Set<TrustAnchor> anchors = new HashSet<>();
            authorities.forEach(authority -> anchors.add(new TrustAnchor(authority, null)));
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, own);
            parameters.setRevocationEnabled(false);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
            CertPathBuilder.getInstance("PKIX").build(parameters);
            return true;
        } catch (CertPathBuilderException e) {
            return false; // there is no path
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has these
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
                        && PrintableText.is(name)
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
