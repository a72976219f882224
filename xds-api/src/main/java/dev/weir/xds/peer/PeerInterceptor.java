package dev.weir.xds.peer;

import dev.weir.xds.bounds.EndableCall;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Lets a call in only when it is proved whose it is, by the connection's certificate or by a bearer token, and ends it when
 * that is no longer so.
 */
public final class PeerInterceptor implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String BEARER = "Bearer ";
    private static final String EXPECTED =
            " (expected: a client certificate with a SPIFFE id or a DNS name, or authorization: Bearer TOKEN)";

    private final Proof proof;
    private final Set<String> consumersOnly;
    private final OpenCalls open;
    private final Connections connections;

    /**
     * @param consumersOnly full names of the methods that only consumers may call
     * @param hangUp lets the connection from an address take no new call, and go when those on it have ended
     */
    public PeerInterceptor(Proof proof, Set<String> consumersOnly, Consumer<SocketAddress> hangUp) {
        this.proof = proof;
        this.consumersOnly = Set.copyOf(consumersOnly);
        this.open = new OpenCalls(proof.identities(), proof.rejections());
        this.connections = new Connections(proof.identity(), hangUp);
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

    /** Puts itself before every service of {@code server}. */
    public void install(ServerBuilder<?> server) {
        server.addTransportFilter(connections);
        server.intercept(this);
    }

    /** To be called when identities, their rights, tokens or authorities have changed: what they no longer allow ends. */
    public void recheck() {
        connections.letGo();
        open.recheck();
    }

    /** Ends the calls of certificates that have ended, and lets connections go before; to be called about every second. */
    public void expire() {
        connections.letGo();
        open.expire();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        try {
            Evidence evidence = evidence(call, headers);
            Peer peer = new Peer.Known(evidence.names(), proof.identities());
            if (consumersOnly.contains(call.getMethodDescriptor().getFullMethodName())
                    && !peer.refusesConsumer().isEmpty()) {
                throw new Refused(Status.Code.PERMISSION_DENIED, peer.refusesConsumer());
            }
            EndableCall<Q, A> endable = new EndableCall<>(call);
            Context context = Context.current().withValue(Peer.Anybody.CURRENT, peer);
            ServerCall.Listener<Q> service = endable.listener(Contexts.interceptCall(context, endable, headers, next));
            return new Watched<>(service, open.add(endable, evidence));
        } catch (Refused e) {
            String message = String.valueOf(e.getMessage());
            proof.rejections().rejected("", Peer.REFUSED, message);
            call.close(e.code.toStatus().withDescription(message), new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }

    private static final class Watched<Q> extends SimpleForwardingServerCallListener<Q> {
        private final OpenCalls.Open call;

        Watched(ServerCall.Listener<Q> service, OpenCalls.Open call) {
            super(service);
            this.call = call;
        }

        @Override
        public void onCancel() {
            call.over();
            super.onCancel();
        }

        @Override
        public void onComplete() {
            call.over();
            super.onComplete();
        }
    }

    private Evidence evidence(ServerCall<?, ?> call, Metadata headers) throws Refused {
        Shown shown = call.getAttributes().get(Shown.KEY);
        if (shown != null) {
            String problem = shown.problem();
            if (!problem.isEmpty()) {
                throw new Refused(problem + EXPECTED);
            }
            return shown;
        }
        String authorization = headers.get(AUTHORIZATION);
        if (authorization == null) {
            throw new Refused("certificate: none" + EXPECTED);
        }
        String token = authorization.startsWith(BEARER) ? authorization.substring(BEARER.length()) : "";
        Optional<String> bearer =
                token.isEmpty() ? Optional.empty() : proof.identities().bearer(token);
        return new Evidence.Bearer(
                token,
                bearer.orElseThrow(() -> new Refused("authorization: nobody's token" + EXPECTED)),
                proof.identities());
    }
}
