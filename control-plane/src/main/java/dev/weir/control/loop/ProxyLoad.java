package dev.weir.control.loop;

import dev.weir.control.threads.OneThread;
import dev.weir.weights.bounce.SideCounts;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.wire.ClusterName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the sides of providers report. Kept apart from consumers' reports: a side has an interest in what it says, so it is
 * heard about its own two clusters and about nothing else, and the split never hears it.
 *
 * <p>Its further attempts are averaged, with a time constant of a second: they come and go within the age of a report, so the
 * mean says more about how many there are now than the last count does. In simulation at load .95 that takes a response of 34 %
 * over clairvoyant join-the-shortest-queue to 27 %; a single count of all attempts would give 22 %.
 *
 * <p>Belongs to the loop's thread: on any other its methods throw {@link IllegalStateException}.
 */
final class ProxyLoad {
    private static final double AVERAGE_NANOS = 1e9;

    private final OneThread thread;
    private final LoadState loads;
    private final Map<String, Average> further = new HashMap<>();
    private final Set<String> nodes = new HashSet<>();
    private final Set<String> left = new HashSet<>();

    ProxyLoad(OneThread thread) {
        this.thread = thread;
        this.loads = new LoadState(thread);
    }

    void connected(String node) {
        thread.check();
        nodes.add(node);
        left.remove(node);
    }

    /** Takes note that a node disconnected; it stays known as a side while its last report lives. */
    void disconnected(String node) {
        thread.check();
        if (nodes.contains(node)) {
            left.add(node);
        }
    }

    /** Takes the report if it is a side's; false = it is a consumer's. */
    boolean report(LoadReport report) {
        thread.check();
        if (!nodes.contains(report.node())) {
            return false;
        }
        loads.report(report);
        return true;
    }

    void expire(long nowNanos) {
        thread.check();
        loads.expire(nowNanos);
        left.removeIf(node -> {
            boolean silent = !loads.hasReported(node);
            if (silent) {
                nodes.remove(node);
            }
            return silent;
        });
    }

    /** What is in flight at a provider, as of this tick; to be asked once per tick. */
    SideCounts counts(String provider, long nowNanos) {
        thread.check();
        long now = loads.inFlight(ClusterName.furtherAttempts(provider));
        Average average = further.computeIfAbsent(provider, p -> new Average(now, nowNanos));
        average.add(now, nowNanos);
        return new SideCounts(loads.inFlight(ClusterName.firstAttempts(provider)), average.value);
    }

    /** Forgets providers that are no longer there. */
    void retainProviders(Set<String> providers) {
        thread.check();
        further.keySet().retainAll(providers);
    }

    /** An exponential average, {@code value += (1 - e^(-dt / tau)) (count - value)}. */
    private static final class Average {
        private double value;
        private long atNanos;

        Average(double value, long atNanos) {
            this.value = value;
            this.atNanos = atNanos;
        }

        void add(long count, long nowNanos) {
            value -= Math.expm1(-Math.max(0, nowNanos - atNanos) / AVERAGE_NANOS) * (count - value);
            atNanos = nowNanos;
        }
    }

    long clipped() {
        thread.check();
        return loads.clipped();
    }
}
