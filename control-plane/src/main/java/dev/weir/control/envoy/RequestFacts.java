package dev.weir.control.envoy;

/**
 * What {@code request.lua} reads out of a request, in dynamic metadata of namespace
 * {@link dev.weir.xds.wire.WeirMetadata#REQUEST}. Routes match on it, records carry it.
 */
final class RequestFacts {
    /** True as soon as the request's body has been read, readable or not, or will not be read. */
    static final String READ = "read";

    static final String MODEL = "model";

    /** Code of the error of a request whose body names no model; {@code message} and {@code param} go with it. */
    static final String PROBLEM = "problem";

    static final String MESSAGE = "message";

    static final String PARAM = "param";

    /**
     * The pools that may serve the path by default: {@link #ANY_POOL}, or the {@code pathPrefix} of the pool that may, without
     * a slash at its end, or {@code ?} where only a pool that lists the operation may. Missing where servers could take the
     * path for another one.
     */
    static final String BASE = "base";

    static final String ANY_POOL = "*";

    private RequestFacts() {}
}
