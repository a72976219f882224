package dev.weir.xds.peer;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.xds.RejectionListener;
import dev.weir.xds.bounds.EndableCall;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The calls under way, and by what right: they end when it does. */
@ThreadSafe
final class OpenCalls {
    private final Identities identities;
    private final RejectionListener rejections;
    private final Set<Open> all = ConcurrentHashMap.newKeySet();

    OpenCalls(Identities identities, RejectionListener rejections) {
        this.identities = identities;
        this.rejections = rejections;
    }

    /** One call. */
    final class Open {
        private final EndableCall<?, ?> call;
        private final Evidence evidence;
        private volatile Rights rights;

        private Open(EndableCall<?, ?> call, Evidence evidence) {
            this.call = call;
            this.evidence = evidence;
            this.rights = Rights.of(evidence.names(), identities);
        }

        /** Takes note that the call has ended. */
        void over() {
            all.remove(this);
        }

        private void judge() {
            String problem = evidence.problem();
            Rights now = Rights.of(evidence.names(), identities);
            String lost = rights.lost(now);
            if (!problem.isEmpty()) {
                end(Status.UNAUTHENTICATED, problem);
            } else if (!lost.isEmpty()) {
                end(Status.PERMISSION_DENIED, "identity: " + new Peer.Known(evidence.names(), identities) + " " + lost);
            } else {
                rights = now;
            }
        }

        /** A question that was asked in time is answered. */
        private void expire() {
            String problem = evidence.problem();
            if (!problem.isEmpty() && call.getMethodDescriptor().getType() != MethodType.UNARY) {
                end(Status.UNAUTHENTICATED, problem);
            }
        }

        private void end(Status status, String message) {
            over();
            if (call.end(status.withDescription(message))) {
                rejections.rejected("", Peer.REFUSED, message);
            }
        }
    }

    /** Keeps one until it is {@link Open#over}. */
    Open add(EndableCall<?, ?> call, Evidence evidence) {
        Open open = new Open(call, evidence);
        all.add(open);
        open.judge(); // a right that was taken away since it was looked at
        return open;
    }

    /** Ends those whose right was taken away or narrowed. */
    void recheck() {
        all.forEach(Open::judge);
    }

    /** Ends the streams whose evidence holds no more. */
    void expire() {
        all.forEach(Open::expire);
    }
}
