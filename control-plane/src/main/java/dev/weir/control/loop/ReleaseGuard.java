package dev.weir.control.loop;

import java.util.HashSet;
import java.util.Set;

/**
 * When the loop may release for the first time. A process that restored a decision waits until every connected sidecar has
 * reported its load, or {@link #LIMIT_NANOS} have passed: Envoy redials its load-report stream after a fixed five seconds,
 * and a split made without gauges would be worse than the one in force. Every process waits for declarations and addresses.
 *
 * <p>Owned by the loop's thread.
 */
final class ReleaseGuard {
    static final long LIMIT_NANOS = 6_000_000_000L;

    private final long startNanos;
    private final boolean restored;
    private final Set<String> connected = new HashSet<>();
    private boolean reportsSeen;

    ReleaseGuard(long startNanos, boolean restored) {
        this.startNanos = startNanos;
        this.restored = restored;
    }

    void connection(String node, boolean open) {
        if (open) {
            connected.add(node);
        } else {
            connected.remove(node);
        }
    }

    /** Sidecars connected now. */
    int sidecars() {
        return connected.size();
    }

    boolean holds(long nowNanos, LoadState loads, boolean inputsKnown) {
        if (!inputsKnown) {
            return true;
        }
        if (restored && !reportsSeen) {
            reportsSeen = nowNanos - startNanos >= LIMIT_NANOS
                    || (!connected.isEmpty() && connected.stream().allMatch(loads::hasReported));
        }
        return restored && !reportsSeen;
    }
}
