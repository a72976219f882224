package dev.weir.xds.peer;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.Set;

/** Lets a call in only when it is proved whose it is: by the connection's certificate, or by a bearer token. */
public final class PeerInterceptor implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String BEARER = "Bearer ";
    private static final String EXPECTED =
            " (expected: a client certificate with a SPIFFE id or a DNS name, or authorization: Bearer TOKEN)";

    private final Identities identities;
    private final Rejections rejections;
    private final Set<String> consumersOnly;

    /** @param consumersOnly full names of the methods that only consumers may call */
    public PeerInterceptor(Identities identities, Rejections rejections, Set<String> consumersOnly) {
        this.identities = identities;
        this.rejections = rejections;
        this.consumersOnly = Set.copyOf(consumersOnly);
    }

    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        private final Status.Code code;

        Refused(Status.Code code, String message) {
            super(message, null, false, false);
            this.code = code;
        }

        Refused(String message) {
            this(Status.Code.UNAUTHENTICATED, message);
        }
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        try {
            Peer peer = peer(call, headers);
            if (consumersOnly.contains(call.getMethodDescriptor().getFullMethodName())
                    && !peer.refusesConsumer().isEmpty()) {
                throw new Refused(Status.Code.PERMISSION_DENIED, peer.refusesConsumer());
            }
            return Contexts.interceptCall(Context.current().withValue(Peer.Anybody.CURRENT, peer), call, headers, next);
        } catch (Refused e) {
            String message = String.valueOf(e.getMessage());
            rejections.rejected("", Peer.REFUSED, message);
            call.close(e.code.toStatus().withDescription(message), new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }

    private Peer peer(ServerCall<?, ?> call, Metadata headers) throws Refused {
        X509Certificate certificate = Certified.of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        if (certificate != null) {
            return new Peer.Known(names(certificate), identities);
        }
        String authorization = headers.get(AUTHORIZATION);
        if (authorization == null) {
            throw new Refused("certificate: none" + EXPECTED);
        }
        Optional<String> bearer = authorization.startsWith(BEARER)
                ? identities.bearer(authorization.substring(BEARER.length()))
                : Optional.empty();
        return new Peer.Known(
                Set.of(bearer.orElseThrow(() -> new Refused("authorization: nobody's token" + EXPECTED))), identities);
    }

    /** Connections outlive handshakes, and handshakes are shortened by tickets: the dates count again for each call. */
    private static Set<String> names(X509Certificate certificate) throws Refused {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException e) {
            throw new Refused(
                    "certificate: ended on " + certificate.getNotAfter().toInstant() + EXPECTED);
        } catch (CertificateNotYetValidException e) {
            throw new Refused(
                    "certificate: begins on " + certificate.getNotBefore().toInstant() + EXPECTED);
        }
        Set<String> names = Certified.names(certificate);
        if (names.isEmpty()) {
            throw new Refused("certificate: without such a name" + EXPECTED);
        }
        return names;
    }
}
