package dev.weir.xds.delivery;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.List;

/**
 * Everything that the sidecars of one profile have. Names are unique within a type; a cluster's endpoints bear its name,
 * and of a cluster without any nothing is said: a sidecar keeps those that it has.
 *
 * @param routes for sidecars that have all clusters
 * @param table for all sidecars: without absent clusters it is {@code routes}
 * @param secrets what clusters name and nobody else may see
 */
public record ResourceSet(
        List<Cluster> clusters,
        List<ClusterLoadAssignment> endpoints,
        List<Listener> listeners,
        List<RouteConfiguration> routes,
        RouteTable table,
        List<Secret> secrets) {
    public ResourceSet {
        clusters = List.copyOf(clusters);
        endpoints = List.copyOf(endpoints);
        listeners = List.copyOf(listeners);
        routes = List.copyOf(routes);
        secrets = List.copyOf(secrets);
    }

    /** Without secrets. */
    public ResourceSet(
            List<Cluster> clusters,
            List<ClusterLoadAssignment> endpoints,
            List<Listener> listeners,
            List<RouteConfiguration> routes,
            RouteTable table) {
        this(clusters, endpoints, listeners, routes, table, List.of());
    }

    /** Routes that are the same for every sidecar, without secrets. */
    public ResourceSet(
            List<Cluster> clusters,
            List<ClusterLoadAssignment> endpoints,
            List<Listener> listeners,
            List<RouteConfiguration> routes) {
        this(clusters, endpoints, listeners, routes, absent -> routes);
    }
}
