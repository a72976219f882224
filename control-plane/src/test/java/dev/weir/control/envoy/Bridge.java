package dev.weir.control.envoy;

import static org.awaitility.Awaitility.await;

import dev.weir.control.envoy.Certificates.Pem;
import dev.weir.xds.testing.EnvoyProcess;
import java.nio.file.Path;

/** An Envoy between HTTP/1.1, which tests speak byte by byte, and real HTTP/2. Trailers and lengths cross it as they are. */
final class Bridge implements AutoCloseable {
    private final EnvoyProcess envoy;
    private final int port;

    private Bridge(EnvoyProcess envoy, int port) {
        this.envoy = envoy;
        this.port = port;
    }

    /** Speaks HTTP/1.1 at its port, and HTTP/2 without TLS to {@code port}. */
    static Bridge toHttp2(Path directory, int port) {
        return start(directory, "", "http2_protocol_options: {}", port);
    }

    /** Speaks HTTP/2 and nothing else behind TLS at its port, and HTTP/1.1 to {@code port}. */
    static Bridge fromHttp2(Path directory, Pem pem, int port) {
        return start(
                directory,
                """
                      transport_socket:
                        name: envoy.transport_sockets.tls
                        typed_config:
                          '@type': type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                          common_tls_context:
                            alpn_protocols: [h2]
                            tls_certificates: [{certificate_chain: {filename: '%s'}, private_key: {filename: '%s'}}]
                """.formatted(pem.chain(), pem.key()),
                "http_protocol_options: {enable_trailers: true}",
                port);
    }

    private static Bridge start(Path directory, String tls, String protocol, int to) {
        int port = EnvoyProcess.freePort();
        EnvoyProcess envoy = EnvoyProcess.start(directory, """
                static_resources:
                  clusters:
                  - name: other
                    load_assignment:
                      cluster_name: other
                      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
                    typed_extension_protocol_options:
                      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                        '@type': type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                        explicit_http_config: {%s}
                  listeners:
                  - name: bridge
                    address: {socket_address: {address: 127.0.0.1, port_value: %d}}
                    filter_chains:
                    - filters:
                      - name: envoy.filters.network.http_connection_manager
                        typed_config:
                          '@type': type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                          stat_prefix: bridge
                          http_protocol_options: {enable_trailers: true}
                          delayed_close_timeout: 0.1s
                          http_filters:
                          - name: envoy.filters.http.router
                            typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                          route_config:
                            virtual_hosts:
                            - {name: all, domains: ['*'], routes: [{match: {prefix: /}, route: {cluster: other, timeout: 0s}}]}
                %s""".formatted(to, protocol, port, tls));
        await().until(envoy::isReady);
        return new Bridge(envoy, port);
    }

    int port() {
        return port;
    }

    /** Connections that it made or took over HTTP/2. */
    long http2Connections() {
        return envoy.admin("/stats")
                .lines()
                .filter(line -> line.matches(
                        "(cluster\\.other\\.upstream_cx_http2_total|http\\.bridge\\.downstream_cx_http2_total): .*"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    @Override
    public void close() {
        envoy.close();
    }
}
