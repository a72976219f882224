package dev.weir.control.envoy;

import com.google.protobuf.Any;
import dev.weir.control.model.Admission.OnUnavailable;
import dev.weir.control.model.Pool;
import io.envoyproxy.envoy.extensions.filters.common.fault.v3.FaultDelay;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import java.util.Map;
import java.util.Optional;

/**
 * How what was held goes on when the control plane is gone, in pools that are {@code open}: one after the other. {@code
 * pace.lua} says how long each waits, and Envoy's fault filter, which can delay, makes it wait.
 */
final class Paces {
    /** Key in the route's metadata for the scripts. */
    static final String KEY = "pace";

    /** Header that tells the filter how long to wait, in milliseconds; agents' are gone before. */
    static final String DELAY = "x-envoy-fault-delay-request";

    private Paces() {}

    static HttpFilter filter() {
        return Listeners.filter(
                "weir.pace",
                Any.pack(HTTPFault.newBuilder()
                        .setDelay(FaultDelay.newBuilder()
                                .setHeaderDelay(FaultDelay.HeaderDelay.getDefaultInstance())
                                .setPercentage(FractionalPercent.newBuilder().setNumerator(100)))
                        .setDisableDownstreamClusterStats(true)
                        .build()));
    }

    /**
     * What the script is told of a pool: the mean service time, and half of what a call may last, both in seconds. Empty where
     * nothing is held, or must not go unchecked.
     */
    static Optional<Map<String, Object>> of(
            Pool pool, OnUnavailable onUnavailable, CheckFilters.Asking asking, double serviceSeconds) {
        boolean held = asking == CheckFilters.Asking.HELD && onUnavailable == OnUnavailable.OPEN;
        return held
                ? Optional.of(Map.of(
                        "service",
                        serviceSeconds,
                        "longest",
                        pool.timeouts().maxStream().toMillis() / 2e3))
                : Optional.empty();
    }
}
