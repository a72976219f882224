package dev.weir.control.envoy;

import dev.weir.xds.delivery.SidecarView;
import dev.weir.xds.delivery.SidecarView.TypeState;

/** Whether a sidecar has answered for all that it was sent. */
final class SidecarAcks {
    private static final String CLUSTERS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    private static final String ENDPOINTS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
    private static final String ROUTES = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

    private SidecarAcks() {}

    /**
     * Whether it has answered for all clusters, and for where their endpoints are. Those that it refused are not in its routes.
     */
    static boolean clusters(SidecarView sidecar) {
        return settled(type(sidecar, CLUSTERS)) && settled(type(sidecar, ENDPOINTS));
    }

    static boolean routes(SidecarView sidecar) {
        TypeState routes = type(sidecar, ROUTES);
        return settled(routes) && routes.refusedVersion().isEmpty();
    }

    /** Version of the routes that it has; "" before the first. */
    static String routesVersion(SidecarView sidecar) {
        return type(sidecar, ROUTES).acknowledgedVersion();
    }

    private static boolean settled(TypeState state) {
        return state.sent() == state.acknowledged() + state.refused();
    }

    private static TypeState type(SidecarView sidecar, String typeUrl) {
        return sidecar.types().getOrDefault(typeUrl, TypeState.NOTHING);
    }
}
