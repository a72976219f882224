package dev.weir.bench.loop;

/** Headers between load and providers that no sidecar knows. */
final class Headers {
    /** size of the job in work units */
    static final String JOB = "bench-job";
    /** position of the pool, for sidecars that do not read bodies */
    static final String POOL = "bench-pool";
    /** microseconds in a slot */
    static final String SERVICE = "bench-service-micros";

    private Headers() {}
}
