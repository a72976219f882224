package dev.weir.control.loop;

import dev.weir.control.threads.OneThread;
import java.util.HashSet;
import java.util.Set;

/**
 * When the loop may release for the first time. A process that restored a decision waits until every connected sidecar has
 * reported its load, or {@link #LIMIT_NANOS} have passed: Envoy redials its load-report stream after a fixed five seconds,
 * and a split made without gauges would be worse than the one in force. Every process waits for declarations and addresses.
 *
 * <p>Belongs to the loop's thread: on any other its methods throw {@link IllegalStateException}.
 */
final class ReleaseGuard {
    static final long LIMIT_NANOS = 6_000_000_000L;

    private final OneThread thread;
    private final long startNanos;
    private final boolean restored;
    private final Set<String> connected = new HashSet<>();
    private boolean reportsSeen;

    ReleaseGuard(OneThread thread, long startNanos, boolean restored) {
        this.thread = thread;
        this.startNanos = startNanos;
        this.restored = restored;
    }

    void connection(String node, boolean open) {
        thread.check();
        if (open) {
            connected.add(node);
        } else {
            connected.remove(node);
        }
    }

    boolean holds(long nowNanos, LoadState loads, boolean inputsKnown) {
        thread.check();
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
