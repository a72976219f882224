package dev.weir.xds.peer;

import com.google.errorprone.annotations.ThreadSafe;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The connections that came with a certificate. Those whose certificate is no good, or is about to end, are let go. */
@ThreadSafe
final class Connections extends ServerTransportFilter {
    private final TlsIdentity own;
    private final Consumer<SocketAddress> hangUp;
    private final Map<Shown, SocketAddress> open = new ConcurrentHashMap<>();

    /** @param hangUp lets the connection from an address take no new call, and go when those on it have ended */
    Connections(TlsIdentity own, Consumer<SocketAddress> hangUp) {
        this.own = own;
        this.hangUp = hangUp;
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        List<X509Certificate> chain = Certified.chain(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        if (chain.isEmpty()) {
            return attributes;
        }
        Shown shown = new Shown(own, chain);
        SocketAddress remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (remote != null) {
            open.put(shown, remote);
        }
        return attributes.toBuilder().set(Shown.KEY, shown).build();
    }

    @Override
    public void transportTerminated(Attributes attributes) {
        Shown shown = attributes == null ? null : attributes.get(Shown.KEY);
        if (shown != null) {
            open.remove(shown);
        }
    }

    /**
     * Ends the connections that are to leave: the other end may have a better certificate by now, and shows it when it dials
     * anew.
     */
    void letGo() {
        open.forEach((shown, remote) -> {
            if (shown.leaves()) {
                hangUp.accept(remote);
            }
        });
    }
}
