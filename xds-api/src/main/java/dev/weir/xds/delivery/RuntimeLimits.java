package dev.weir.xds.delivery;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.xds.wire.ClusterName;
import java.util.Map;
import java.util.TreeMap;

/**
 * A runtime layer of breaker limits, checked here because Envoy checks none of it: a key that it does not know, a value out
 * of range, or a layer that refuses everything would be accepted and obeyed.
 */
final class RuntimeLimits {
    private static final int MAX = 1_000_000;

    private RuntimeLimits() {}

    /**
     * @param limits most requests in flight, by provider and cluster
     * @throws IllegalArgumentException with cluster, value and expectation
     */
    static void check(Map<String, Map<String, Integer>> limits) {
        limits.forEach((provider, clusters) -> {
            if (provider.isEmpty() || clusters.isEmpty()) {
                throw new IllegalArgumentException(
                        "provider \"" + provider + "\": " + clusters + " (expected: a name, and a limit or more)");
            }
            clusters.forEach((cluster, limit) -> {
                if (!cluster.endsWith(ClusterName.BAR + provider) || cluster.indexOf('.') >= 0) {
                    throw new IllegalArgumentException("cluster: \"" + cluster + "\" (expected: one of provider "
                            + provider + ", without a dot, which parts runtime keys)");
                }
                if (limit < 0 || limit > MAX) {
                    throw new IllegalArgumentException(
                            cluster + ": " + limit + " (expected: requests in flight, 0-" + MAX + ")");
                }
            });
            if (clusters.values().stream().allMatch(limit -> limit == 0)) {
                throw new IllegalArgumentException(
                        "provider " + provider + ": 0 everywhere (expected: a limit that lets a request pass)");
            }
        });
    }

    /** The layer of one side; an empty one where nothing is known of its providers. */
    static Struct layer(SidecarProfile.Provider profile, Map<String, Map<String, Integer>> limits) {
        Map<String, Integer> keys = new TreeMap<>();
        for (String provider : profile.providers()) {
            limits.getOrDefault(provider, Map.of())
                    .forEach((cluster, limit) ->
                            keys.put("circuit_breakers." + cluster + ".default.max_requests", limit));
        }
        Struct.Builder layer = Struct.newBuilder();
        keys.forEach((key, limit) ->
                layer.putFields(key, Value.newBuilder().setNumberValue(limit).build()));
        return layer.build();
    }
}
