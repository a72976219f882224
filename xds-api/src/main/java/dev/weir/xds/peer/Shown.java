package dev.weir.xds.peer;

import io.grpc.Attributes;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * The certificates that the other end of a connection has shown. Connections outlive handshakes, and handshakes are shortened
 * by tickets: dates and authorities count again for each call.
 */
final class Shown implements Evidence {
    /** How long before its certificate's end a connection takes no new call; less where there is less left. */
    private static final Duration LEAVE = Duration.ofSeconds(10);

    /** The attribute of a connection that holds them. */
    static final Attributes.Key<Shown> KEY = Attributes.Key.create("weir-shown");

    private final TlsIdentity own;
    private final List<X509Certificate> chain;
    private final Set<String> names;
    private final Instant leavesAt;
    private volatile Judged judged = new Judged(List.of(), false);

    /** @param authorities whom was believed then */
    private record Judged(List<X509Certificate> authorities, boolean believed) {}

    /**
     * @param own who says whom to believe
     * @param chain its own certificate first; at least one
     */
    Shown(TlsIdentity own, List<X509Certificate> chain) {
        this.own = own;
        this.chain = List.copyOf(chain);
        this.names = Certified.names(chain.get(0));
        Instant now = Instant.now();
        Duration half = Duration.between(now, ends()).dividedBy(2);
        leavesAt = half.compareTo(LEAVE) < 0 ? now.plus(half) : ends().minus(LEAVE);
    }

    private Instant ends() {
        return chain.get(0).getNotAfter().toInstant();
    }

    /** Whether its connection should take no new call. */
    boolean leaves() {
        return Instant.now().isAfter(leavesAt) || !problem().isEmpty();
    }

    @Override
    public Set<String> names() {
        return names;
    }

    @Override
    public String problem() {
        Instant now = Instant.now();
        Instant begins = chain.get(0).getNotBefore().toInstant();
        if (now.isAfter(ends())) {
            return "certificate: ended on " + ends();
        }
        if (now.isBefore(begins)) {
            return "certificate: begins on " + begins;
        }
        if (names.isEmpty()) {
            return "certificate: without such a name";
        }
        return believed() ? "" : "certificate: of no authority that is believed";
    }

    /** Whether the certificates are believed, judged once for each change of the authorities. */
    private boolean believed() {
        List<X509Certificate> authorities = own.authorities();
        Judged last = judged;
        if (!last.authorities().equals(authorities)) {
            last = new Judged(authorities, Certified.by(authorities, chain));
            judged = last;
        }
        return last.believed();
    }
}
