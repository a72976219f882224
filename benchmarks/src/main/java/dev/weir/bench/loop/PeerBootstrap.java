package dev.weir.bench.loop;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Bootstraps of Envoys that no control plane steers: one listener, one route per pool, as an operator would write them. */
final class PeerBootstrap {
    private static final int INTERVAL = 1000;

    private static final String CLIENT_SIDE_WEIGHTS =
            "type.googleapis.com/envoy.extensions.load_balancing_policies.client_side_weighted_round_robin.v3"
                    + ".ClientSideWeightedRoundRobin";

    private static final String BREAKERS = """
            circuit_breakers:
              thresholds:
                - {max_connections: 100000, max_pending_requests: 100000, max_requests: 100000, max_retries: 100000}
            """;

    private final Plant plant;
    private final List<Integer> providerPorts;

    /** @param providerPorts by position of the provider */
    PeerBootstrap(Plant plant, List<Integer> providerPorts) {
        this.plant = plant;
        this.providerPorts = List.copyOf(providerPorts);
    }

    /** Where in the intervals of a pool's route its {@code member} lies: what a check answers with. */
    static int pick(int member) {
        return member * INTERVAL + INTERVAL / 2;
    }

    /** A bootstrap by which calls go where a check says. */
    String checked(int listen, int checkPort) {
        String filter = """
                - name: envoy.filters.http.ext_authz
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
                    transport_api_version: V3
                    clear_route_cache: true
                    charge_cluster_response_stats: false
                    grpc_service: {timeout: 5s, envoy_grpc: {cluster_name: check}}
                """;
        String http2 = """
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    explicit_http_config: {http2_protocol_options: {}}
                """;
        String check = cluster("check", http2, List.of(endpoint(checkPort, 1)));
        return whole(
                listen,
                filter,
                pool -> weighted(pool, "header_name: weir-pick, ", server -> INTERVAL),
                check + singles());
    }

    /** Weighted clusters, declared capacities as weights. */
    String weightedClusters(int listen) {
        return whole(listen, "", pool -> weighted(pool, "", PeerBootstrap::weight), singles());
    }

    /** One cluster per pool, declared capacities as weights of its endpoints. */
    String leastRequestByWeight(int listen) {
        return whole(listen, "", PeerBootstrap::one, pools(PeerBootstrap::weight, "lb_policy: LEAST_REQUEST"));
    }

    /** One cluster per pool, the better of two at random. */
    String leastRequest(int listen) {
        return whole(listen, "", PeerBootstrap::one, pools(server -> 1, """
                        lb_policy: LEAST_REQUEST
                        least_request_lb_config: {choice_count: 2}
                        """));
    }

    /** One cluster per pool, weights by the providers' reports in answers. */
    String clientSideWeights(int listen) {
        return whole(listen, "", PeerBootstrap::one, pools(server -> 1, """
                        load_balancing_policy:
                          policies:
                            - typed_extension_config:
                                name: envoy.load_balancing_policies.client_side_weighted_round_robin
                                typed_config:
                                  "@type": %s
                                  blackout_period: 1s
                                  weight_expiration_period: 60s
                                  weight_update_period: 0.25s
                        """.formatted(CLIENT_SIDE_WEIGHTS)));
    }

    private interface Weights {
        int of(Server server);
    }

    private interface Target {
        String of(int pool);
    }

    private String whole(int listen, String filter, Target target, String clusters) {
        String routes = IntStream.range(0, plant.pools().size())
                .mapToObj(pool -> """
                        - match: {prefix: /, headers: [{name: %s, string_match: {exact: "%d"}}]}
                          route: {timeout: 0s, %s}
                        """.formatted(Headers.POOL, pool, target.of(pool)))
                .collect(Collectors.joining());
        String manager = """
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: peers
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ["*"]
                      include_attempt_count_in_response: true
                      retry_policy: %s
                      routes:
                %shttp_filters:
                %s- name: envoy.filters.http.router
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                """.formatted(retries(), routes.indent(8), filter);
        return """
                static_resources:
                  listeners:
                    - name: peers
                      address: {socket_address: {address: 127.0.0.1, port_value: %d}}
                      filter_chains:
                        - filters:
                            - name: envoy.filters.network.http_connection_manager
                              typed_config:
                %s  clusters:
                %s""".formatted(listen, manager.indent(16), clusters.indent(4));
    }

    /** The retries of our pools, but for statuses that no provider here answers with. */
    private String retries() {
        return "{retry_on: \"connect-failure,refused-stream,reset-before-request"
                + plant.perTryTimeoutMillis()
                        .map(millis -> ",reset\", per_try_timeout: " + seconds(millis))
                        .orElse("\"")
                + ", num_retries: 1, refresh_cluster_on_retry: true"
                + ", retry_back_off: {base_interval: 0.001s, max_interval: 0.02s}"
                + ", retry_host_predicate: [{name: envoy.retry_host_predicates.previous_hosts, typed_config: {\"@type\":"
                + " type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}}]"
                + ", host_selection_retry_max_attempts: 5}";
    }

    private static String seconds(int millis) {
        return String.format(Locale.ROOT, "%.3fs", millis / 1000.0);
    }

    private String weighted(int pool, String more, Weights weights) {
        return "weighted_clusters: {" + more + "clusters: ["
                + plant.members(pool).stream()
                        .map(plant.servers()::get)
                        .map(server -> "{name: " + server.name() + ", weight: " + weights.of(server) + "}")
                        .collect(Collectors.joining(", "))
                + "]}";
    }

    private static String one(int pool) {
        return "cluster: pool-" + pool;
    }

    private String singles() {
        return IntStream.range(0, plant.servers().size())
                .mapToObj(i -> cluster(plant.servers().get(i).name(), "", List.of(endpoint(providerPorts.get(i), 1))))
                .collect(Collectors.joining());
    }

    private String pools(Weights weights, String balancing) {
        return IntStream.range(0, plant.pools().size())
                .mapToObj(pool -> cluster(
                        "pool-" + pool,
                        balancing,
                        plant.members(pool).stream()
                                .map(i -> endpoint(
                                        providerPorts.get(i),
                                        weights.of(plant.servers().get(i))))
                                .toList()))
                .collect(Collectors.joining());
    }

    private static int weight(Server server) {
        return (int) Math.max(1, Math.round(server.declaredCapacity() * 10));
    }

    private static String cluster(String name, String more, List<String> endpoints) {
        String body = "name: " + name + "\ntype: STATIC\nconnect_timeout: 1s\n" + more.indent(0) + BREAKERS
                + "load_assignment: {cluster_name: " + name + ", endpoints: [{lb_endpoints: ["
                + String.join(", ", endpoints) + "]}]}\n";
        return "-\n" + body.indent(2);
    }

    private static String endpoint(int port, int weight) {
        return "{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: " + port
                + "}}}, load_balancing_weight: " + weight + "}";
    }
}
