package dev.weir.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import dev.weir.xds.testing.EnvoyProcess;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real Envoy makes of the newer fields and types, when it refuses all that it does not know. */
final class NewerFieldsIT {
    @TempDir
    Path directory;

    @Test
    void envoy_knows_every_newer_field_and_type() throws Exception {
        try (EnvoyProcess envoy = start(listener())) {
            await().atMost(Duration.ofSeconds(20)).until(() -> envoy.stat("listener_manager.lds.update_success") == 1);
            assertThat(envoy.configDump().replaceAll("\\s+", ""))
                    .contains("\"refresh_cluster_on_retry\":true")
                    .contains("\"request_body_buffer_limit\":\"8388608\"")
                    .contains("\"request_body_buffer_limit\":\"4096\"")
                    .contains("\"remove_on_match\":{\"key_matcher\":{\"prefix\":\"weir-\"}}")
                    .contains("\"remove_on_match\":{\"key_matcher\":{\"prefix\":\"x-envoy-\"}}")
                    .contains("\"response_trailers_mutations\":[{\"remove\":\"trailer-of-an-answer\"}]")
                    .contains("\"request_trailers_mutations\":[{\"remove\":\"trailer-of-a-request\"}]");
            assertThat(envoy.stat("server.dynamic_unknown_fields")).isZero();
        }
    }

    private EnvoyProcess start(Listener listener) throws Exception {
        DiscoveryResponse listeners = DiscoveryResponse.newBuilder()
                .setVersionInfo("1")
                .setTypeUrl("type.googleapis.com/envoy.config.listener.v3.Listener")
                .addResources(Any.pack(listener))
                .build();
        Path file = Files.write(directory.resolve("lds.pb"), listeners.toByteArray());
        return EnvoyProcess.start(directory, """
                node: {id: sidecar, cluster: test}
                dynamic_resources: {lds_config: {path_config_source: {path: %s}}}
                static_resources: {clusters: [{name: c, type: STATIC}]}
                """.formatted(file));
    }

    private static HttpFilter filter(String name, Any config) {
        return HttpFilter.newBuilder().setName(name).setTypedConfig(config).build();
    }

    private static Listener listener() {
        Mutations.Builder mutations = Mutations.newBuilder()
                .addResponseMutations(NewerFields.removeOnMatch(
                        StringMatcher.newBuilder().setPrefix("weir-").build()));
        NewerFields.responseTrailers(
                mutations,
                HeaderMutation.newBuilder().setRemove("trailer-of-an-answer").build());
        NewerFields.requestTrailers(
                mutations,
                HeaderMutation.newBuilder().setRemove("trailer-of-a-request").build());
        Any mutation =
                Any.pack(io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation.newBuilder()
                        .setMutations(mutations)
                        .build());
        Any early = Any.pack(
                io.envoyproxy.envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation.newBuilder()
                        .addMutations(NewerFields.removeOnMatch(
                                StringMatcher.newBuilder().setPrefix("x-envoy-").build()))
                        .build());
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setStatPrefix("t")
                .setRouteConfig(routes())
                .addEarlyHeaderMutationExtensions(
                        TypedExtensionConfig.newBuilder().setName("early").setTypedConfig(early))
                .addHttpFilters(filter("mutation", mutation))
                .addHttpFilters(filter("router", Any.pack(Router.getDefaultInstance())))
                .build();
        return Listener.newBuilder()
                .setName("l")
                .setAddress(Address.newBuilder()
                        .setSocketAddress(SocketAddress.newBuilder()
                                .setAddress("127.0.0.1")
                                .setPortValue(0)))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder().setName("hcm").setTypedConfig(Any.pack(manager))))
                .build();
    }

    private static RouteConfiguration routes() {
        WeightedCluster.Builder clusters = WeightedCluster.newBuilder()
                .addClusters(
                        WeightedCluster.ClusterWeight.newBuilder().setName("c").setWeight(UInt32Value.of(1)));
        RetryPolicy.Builder retry =
                NewerFields.refreshClusterOnRetry(RetryPolicy.newBuilder().setRetryOn("5xx"));
        Route.Builder route = NewerFields.requestBodyBufferLimit(
                Route.newBuilder()
                        .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                        .setRoute(RouteAction.newBuilder()
                                .setWeightedClusters(clusters)
                                .setRetryPolicy(retry)),
                4096);
        return RouteConfiguration.newBuilder()
                .setName("r")
                .addVirtualHosts(NewerFields.requestBodyBufferLimit(
                        VirtualHost.newBuilder().setName("v").addDomains("*").addRoutes(route), 8_388_608))
                .build();
    }
}
