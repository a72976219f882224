package dev.weir.xds.wire;

/** Namespaces and keys of Envoy's metadata, and its command operators that print them. */
public final class WeirMetadata {
    /** Namespace in the metadata of routes, endpoints and nodes. */
    public static final String NAMESPACE = "weir";

    /** Key in a route's metadata: its pool's name. */
    public static final String POOL = "pool";

    public static final String EPOCH = "epoch";
    public static final String PRICE = "price";
    public static final String PRICE_EPOCH = "price_epoch";

    /** Bytes of a request's body that are read. */
    public static final String BODY_LIMIT = "body_limit";

    /** Key in an endpoint's metadata: its provider's name. */
    public static final String PROVIDER = "provider";

    public static final String OF_ENDPOINT = "%UPSTREAM_METADATA(" + NAMESPACE + ":" + PROVIDER + ")%";

    /** Dynamic metadata that the request's script writes: what was asked for. */
    public static final String REQUEST = "weir.req";

    /** Of {@link #REQUEST}: the provider that made what the request follows up. */
    public static final String FOLLOWS = "follows";

    /** Dynamic metadata that the answer's script writes: tokens, errors, pieces. */
    public static final String USAGE = "weir.usage";

    private WeirMetadata() {}

    /** @param path key, and below it more keys, parted by colons */
    public static String ofRoute(String path) {
        return "%METADATA(ROUTE:" + NAMESPACE + ":" + path + ")%";
    }

    /** All of it. */
    public static String ofRequest(String key) {
        return "%DYNAMIC_METADATA(" + REQUEST + ":" + key + ")%";
    }

    /** @param maxLength of what is printed */
    public static String ofRequest(String key, int maxLength) {
        return "%DYNAMIC_METADATA(" + REQUEST + ":" + key + "):" + maxLength + "%";
    }

    /** @param maxLength of what is printed */
    public static String ofUsage(String key, int maxLength) {
        return "%DYNAMIC_METADATA(" + USAGE + ":" + key + "):" + maxLength + "%";
    }
}
