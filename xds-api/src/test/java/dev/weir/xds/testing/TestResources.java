package dev.weir.xds.testing;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import dev.weir.xds.delivery.ResourceSet;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.resource.NewerFields;
import dev.weir.xds.resource.TypedStructs;
import dev.weir.xds.telemetry.AccessLogs;
import dev.weir.xds.telemetry.StreamBuffer;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.envoyproxy.envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata;
import io.envoyproxy.envoy.extensions.filters.http.lua.v3.Lua;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.http.set_metadata.v3.Config;
import io.envoyproxy.envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A small mesh of one pool, {@code chat}, in the form that listeners, routes and endpoints have in earnest. */
public final class TestResources {
    public static final String POOL = "chat";
    public static final String LISTENER = "agents";
    public static final String ROUTES = "pools";

    /** What every check chose among. */
    public static final String PICK = "b 0, a 12";

    private TestResources() {}

    /** A provider: its name, its weight in the split, its price, and its port on the loopback. */
    public record Member(String provider, int weight, long price, int port) {}

    public static ResourceSet set(SidecarProfile.Consumer profile, String epoch, List<Member> members) {
        List<Cluster> clusters = new ArrayList<>();
        List<ClusterLoadAssignment> endpoints = new ArrayList<>();
        for (Member member : members) {
            clusters.add(cluster(member.provider(), 1_000));
            endpoints.add(endpoint(member));
        }
        return new ResourceSet(clusters, endpoints, List.of(listener(profile)), List.of(routes(epoch, members)));
    }

    /** @param maxRequests of its circuit breaker: something to change */
    public static Cluster cluster(String provider, int maxRequests) {
        return Cluster.newBuilder()
                .setName(POOL + "|" + provider)
                .setType(Cluster.DiscoveryType.EDS)
                .setConnectTimeout(Durations.fromSeconds(1))
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(ads()))
                .setCircuitBreakers(CircuitBreakers.newBuilder()
                        .addThresholds(CircuitBreakers.Thresholds.newBuilder()
                                .setMaxRequests(UInt32Value.of(maxRequests))
                                .setMaxRetries(UInt32Value.of(1_000))))
                .putTypedExtensionProtocolOptions(
                        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions", Any.pack(pricing(provider)))
                .build();
    }

    /** Writes the provider's price and the attempt's number into the request. */
    private static HttpProtocolOptions pricing(String provider) {
        Mutations mutations = Mutations.newBuilder()
                .addRequestMutations(setting("weir-price", "%METADATA(ROUTE:weir:price:" + provider + ")%"))
                .addRequestMutations(setting("weir-price-epoch", "%METADATA(ROUTE:weir:price_epoch)%"))
                .addRequestMutations(setting("weir-attempt", "%REQ(X-ENVOY-ATTEMPT-COUNT)%"))
                .build();
        return HttpProtocolOptions.newBuilder()
                .setExplicitHttpConfig(HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                        .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance()))
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("pricing")
                        .setTypedConfig(Any.pack(HeaderMutation.newBuilder()
                                .setMutations(mutations)
                                .build())))
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("codec")
                        .setTypedConfig(Any.pack(UpstreamCodec.getDefaultInstance())))
                .build();
    }

    private static io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation setting(
            String name, String format) {
        return io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation.newBuilder()
                .setAppend(HeaderValueOption.newBuilder()
                        .setAppendAction(HeaderValueOption.HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
                        .setHeader(HeaderValue.newBuilder().setKey(name).setValue(format)))
                .build();
    }

    public static ClusterLoadAssignment endpoint(Member member) {
        return ClusterLoadAssignment.newBuilder()
                .setClusterName(POOL + "|" + member.provider())
                .addEndpoints(LocalityLbEndpoints.newBuilder()
                        .addLbEndpoints(LbEndpoint.newBuilder()
                                .setMetadata(weir(Map.of("provider", member.provider())))
                                .setEndpoint(Endpoint.newBuilder().setAddress(address("127.0.0.1", member.port())))))
                .build();
    }

    public static RouteConfiguration routes(String epoch, List<Member> members) {
        WeightedCluster.Builder split = WeightedCluster.newBuilder();
        for (Member member : members) {
            split.addClusters(WeightedCluster.ClusterWeight.newBuilder()
                    .setName(POOL + "|" + member.provider())
                    .setWeight(UInt32Value.of(member.weight())));
        }
        Map<String, String> prices = new TreeMap<>();
        members.forEach(member -> prices.put(member.provider(), String.valueOf(member.price())));
        RetryPolicy.Builder retry = NewerFields.refreshClusterOnRetry(RetryPolicy.newBuilder()
                .setRetryOn("connect-failure,refused-stream,retriable-status-codes")
                .addRetriableStatusCodes(503)
                .setNumRetries(UInt32Value.of(4)));
        return RouteConfiguration.newBuilder()
                .setName(ROUTES)
                .setValidateClusters(BoolValue.of(true))
                .addVirtualHosts(VirtualHost.newBuilder()
                        .setName("all")
                        .addDomains("*")
                        .setIncludeRequestAttemptCount(true)
                        .addRoutes(Route.newBuilder()
                                .setName("nowhere")
                                .setMatch(RouteMatch.newBuilder().setPrefix("/nowhere"))
                                .setDirectResponse(DirectResponseAction.newBuilder()
                                        .setStatus(404)
                                        .setBody(DataSource.newBuilder().setInlineString("no such pool"))))
                        .addRoutes(Route.newBuilder()
                                .setName(POOL)
                                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                                .setMetadata(
                                        weir(Map.of("pool", POOL, "epoch", epoch, "price", prices, "price_epoch", 7)))
                                .setRoute(RouteAction.newBuilder()
                                        .setWeightedClusters(split)
                                        .setTimeout(Durations.ZERO)
                                        .setRetryPolicy(retry))))
                .build();
    }

    public static Listener listener(SidecarProfile.Consumer profile) {
        JsonToMetadata json = JsonToMetadata.newBuilder()
                .setRequestRules(JsonToMetadata.MatchRules.newBuilder()
                        .addRules(asked("model"))
                        .addRules(asked("stream")))
                .build();
        Router router = Router.newBuilder()
                .addUpstreamLog(AccessLogs.attemptsToFile(profile.accessLogPath()))
                .addUpstreamLog(AccessLogs.attemptsToService("als", StreamBuffer.BATCHED))
                .build();
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setStatPrefix(LISTENER)
                .addAccessLog(AccessLogs.callsToFile(profile.accessLogPath()))
                .addAccessLog(AccessLogs.callsToService("als", StreamBuffer.BATCHED))
                .setRds(Rds.newBuilder().setRouteConfigName(ROUTES).setConfigSource(ads()))
                .addHttpFilters(filter("envoy.filters.http.set_metadata", checked()))
                .addHttpFilters(filter("envoy.filters.http.json_to_metadata", json))
                .addHttpFilters(filter("envoy.filters.http.lua", used()))
                .addHttpFilters(filter("envoy.filters.http.router", router))
                .build();
        return Listener.newBuilder()
                .setName(LISTENER)
                .setAddress(address(profile.listenAddress(), profile.listenPort()))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder()
                                .setName("envoy.filters.network.http_connection_manager")
                                .setTypedConfig(Any.pack(manager))))
                .build();
    }

    /** Stands for what a check answers. */
    private static Config checked() {
        return Config.newBuilder()
                .addMetadata(io.envoyproxy.envoy.extensions.filters.http.set_metadata.v3.Metadata.newBuilder()
                        .setMetadataNamespace("envoy.filters.http.ext_authz")
                        .setValue(TypedStructs.struct(Map.of(
                                "reservation",
                                "3.17-42",
                                "epoch",
                                "3.16",
                                "price",
                                110,
                                "held_us",
                                1_500,
                                "ext_authz_duration",
                                2,
                                "pick",
                                PICK))))
                .build();
    }

    private static JsonToMetadata.Rule asked(String key) {
        return JsonToMetadata.Rule.newBuilder()
                .addSelectors(JsonToMetadata.Selector.newBuilder().setKey(key))
                .setOnPresent(JsonToMetadata.KeyValuePair.newBuilder()
                        .setMetadataNamespace("weir.req")
                        .setKey(key))
                .build();
    }

    /** Stands for what reads answers: counts always, an error where the path says so. */
    private static Lua used() {
        return Lua.newBuilder()
                .setDefaultSourceCode(DataSource.newBuilder().setInlineString("""
                        function envoy_on_request(handle)
                          local metadata = handle:streamInfo():dynamicMetadata()
                          metadata:set("weir.usage", "prompt_tokens", 11)
                          metadata:set("weir.usage", "completion_tokens", 7)
                          metadata:set("weir.usage", "total_tokens", 18)
                          metadata:set("weir.usage", "cached_tokens", 3)
                          if handle:headers():get(":path") == "/v1/error" then
                            metadata:set("weir.usage", "error", true)
                          end
                        end
                        """))
                .build();
    }

    private static Metadata weir(Map<String, ?> fields) {
        return Metadata.newBuilder()
                .putFilterMetadata("weir", TypedStructs.struct(fields))
                .build();
    }

    private static HttpFilter filter(String name, Message config) {
        return HttpFilter.newBuilder()
                .setName(name)
                .setTypedConfig(Any.pack(config))
                .build();
    }

    private static Address address(String ip, int port) {
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(ip).setPortValue(port))
                .build();
    }

    private static ConfigSource ads() {
        return ConfigSource.newBuilder()
                .setResourceApiVersion(ApiVersion.V3)
                .setAds(AggregatedConfigSource.getDefaultInstance())
                .build();
    }
}
