package dev.weir.xds.check;

/**
 * What a sidecar asks about one request.
 *
 * @param requestId {@code x-request-id}, made by the sidecar: 1-{@value #MAX_ID} printable ASCII characters; the same when it
 *     asks again
 * @param pool the route's pool, 1-{@value #MAX_POOL} printable ASCII characters
 * @param mayWait whether the sidecar waits for as long as the pool's queue may hold it; otherwise for milliseconds
 * @param arrivedMicros when the request came to the sidecar, by its wall clock, microseconds since 1970; 0 = not said
 * @param follows the provider that made what the request follows up, and that alone can serve it; "" = any
 * @param asker tells apart connections, and so the clocks of sidecars
 * @param patienceNanos after so long, from when the check came, no sidecar waits for its answer; 0-{@value
 *     #MAX_PATIENCE_NANOS}
 */
public record CheckedRequest(
        String requestId,
        String pool,
        boolean mayWait,
        long arrivedMicros,
        String follows,
        String asker,
        long patienceNanos) {
    /** Of one who does not say how long he waits. */
    public static final long MAX_PATIENCE_NANOS = 3_600_000_000_000L;

    public static final int MAX_ID = 128;
    public static final int MAX_POOL = 253;

    /** What a route tells its check, as {@code context_extensions}: the pool, and {@value #WAITS} where it may wait. */
    public static final String POOL = "pool";

    public static final String QUEUE = "queue";
    public static final String WAITS = "pool";
}
