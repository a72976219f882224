package dev.weir.xds.testing;

import dev.weir.xds.delivery.SidecarProfile;
import java.nio.file.Path;

/** A real Envoy as a sidecar of a control plane at a port of the loopback. */
public final class TestSidecar {
    private TestSidecar() {}

    /** Starts in {@code directory}; does not wait until it is ready, which it is when it got its resources. */
    public static EnvoyProcess start(Path directory, String node, SidecarProfile.Consumer profile, int xdsPort) {
        return EnvoyProcess.start(directory, bootstrap(node, profile, xdsPort));
    }

    static String bootstrap(String node, SidecarProfile.Consumer profile, int xdsPort) {
        return """
                node:
                  id: %1$s
                  cluster: test
                  metadata: {weir: {listen_address: "%2$s", listen_port: %3$d, access_log: "%4$s"}}
                dynamic_resources:
                  ads_config:
                    api_type: DELTA_GRPC
                    transport_api_version: V3
                    set_node_on_first_message_only: true
                    grpc_services:
                    - envoy_grpc: {cluster_name: xds, retry_policy: {retry_back_off: {base_interval: 0.1s, max_interval: 0.5s}}}
                  cds_config: {ads: {}, resource_api_version: V3}
                  lds_config: {ads: {}, resource_api_version: V3}
                cluster_manager:
                  load_stats_config:
                    api_type: GRPC
                    transport_api_version: V3
                    grpc_services: [{envoy_grpc: {cluster_name: xds}}]
                static_resources:
                  clusters:
                  - name: xds
                    type: STATIC
                    connect_timeout: 1s
                    typed_extension_protocol_options:
                      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                        explicit_http_config:
                          http2_protocol_options: {connection_keepalive: {interval: 1s, timeout: 1s}}
                    load_assignment:
                      cluster_name: xds
                      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %5$d}}}}]}]
                  - name: als
                    type: STATIC
                    connect_timeout: 1s
                    typed_extension_protocol_options:
                      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                        explicit_http_config: {http2_protocol_options: {}}
                    load_assignment:
                      cluster_name: als
                      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %5$d}}}}]}]
                    health_checks: [{timeout: 0.5s, interval: 0.1s, no_traffic_interval: 0.1s, unhealthy_interval: 0.1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}]
                    common_lb_config: {healthy_panic_threshold: {value: 0}}
                """.formatted(node, profile.listenAddress(), profile.listenPort(), profile.accessLogPath(), xdsPort);
    }
}
