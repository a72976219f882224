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
 */
public record CheckedRequest(
        String requestId, String pool, boolean mayWait, long arrivedMicros, String follows, String asker) {
    public static final int MAX_ID = 128;
    public static final int MAX_POOL = 253;

    /** What a route tells its check, as {@code context_extensions}: the pool, and {@value #WAITS} where it may wait. */
    public static final String POOL = "pool";

    public static final String QUEUE = "queue";
    public static final String WAITS = "pool";
}
