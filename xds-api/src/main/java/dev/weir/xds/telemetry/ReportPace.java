package dev.weir.xds.telemetry;

import com.google.errorprone.annotations.ThreadSafe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/**
 * How often sidecars are asked to report their load: as configured while anything happens in the mesh, every {@link #AT_REST}
 * once nothing has for {@link #AWAKE_NANOS}. Each report repeats the sidecar's node, 60 KB, so a mesh at rest would do little
 * else than write and read these.
 *
 * <p>Of the whole mesh, not of each sidecar: what is made of reports (how old the oldest is, who is silent) is made of all of
 * them.
 */
@ThreadSafe
public final class ReportPace {
    /** Gauges of this age are still believed whole, and a sidecar that reports as often is not silent. */
    public static final Duration AT_REST = Duration.ofSeconds(1);

    static final long AWAKE_NANOS = 10_000_000_000L;

    private final Duration busy;
    private final Duration rest;
    private final LongSupplier nanoTime;
    private final List<Runnable> wakers = new CopyOnWriteArrayList<>();
    private volatile long stirredNanos;
    private volatile boolean resting;

    /**
     * Begins awake.
     *
     * @param busy between two reports of a sidecar while anything happens, 1 ms or more; longer than {@link #AT_REST} = always
     * @param nanoTime monotonic clock
     */
    public ReportPace(Duration busy, LongSupplier nanoTime) {
        if (busy.toMillis() < 1) {
            throw new IllegalArgumentException("interval: " + busy + " (expected: 1 ms or more)");
        }
        this.busy = busy;
        this.rest = busy.compareTo(AT_REST) > 0 ? busy : AT_REST;
        this.nanoTime = nanoTime;
        this.stirredNanos = nanoTime.getAsLong();
    }

    /**
     * Takes note that something happens: a call, a sidecar that comes, a cluster that is new. Costs next to nothing while the
     * mesh is awake.
     */
    public void stir() {
        stirredNanos = nanoTime.getAsLong();
        if (resting) {
            wake();
        }
    }

    /** Time between two reports of a sidecar, as of now. */
    public Duration interval() {
        if (!resting && still()) {
            rest();
        }
        return resting ? rest : busy;
    }

    /** {@code waker} is run on the thread that stirs a mesh at rest. */
    void onWake(Runnable waker) {
        wakers.add(waker);
    }

    private boolean still() {
        return nanoTime.getAsLong() - stirredNanos >= AWAKE_NANOS;
    }

    private synchronized void rest() {
        resting = true;
        if (!still()) { // stirred in between, by one who did not see that it rests
            resting = false;
        }
    }

    private void wake() {
        synchronized (this) {
            if (!resting) {
                return;
            }
            resting = false;
        }
        wakers.forEach(Runnable::run);
    }
}
