package dev.weir.xds.delivery;

import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.List;
import java.util.Set;

/**
 * The routes of a profile's sidecars. Envoy refuses routes that name a cluster which it does not have, all of them at once:
 * so a sidecar that refused a cluster is given routes without it.
 */
@FunctionalInterface
public interface RouteTable {
    /**
     * The routes for sidecars without these clusters; their names are the same whatever is absent. Pure, so that any thread may
     * call it.
     *
     * @param absent names of clusters that a sidecar refused, or whose endpoints it refused; seldom any
     */
    List<RouteConfiguration> without(Set<String> absent);
}
