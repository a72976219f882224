package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import dev.weir.xds.delivery.SidecarProfile;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;

/** What consumers' and providers' listeners have in common. */
final class Listeners {
    private Listeners() {}

    /** Listens where {@code profile} says; {@code manager} gets its name and its routes' here. */
    static Listener http(String name, SidecarProfile profile, String routes, HttpConnectionManager.Builder manager) {
        manager.setStatPrefix(name)
                .setRds(Rds.newBuilder()
                        .setRouteConfigName(routes)
                        .setConfigSource(ConfigSource.newBuilder()
                                .setAds(AggregatedConfigSource.getDefaultInstance())
                                .setResourceApiVersion(ApiVersion.V3)
                                .setInitialFetchTimeout(Durations.fromSeconds(5))));
        return Listener.newBuilder()
                .setName(name)
                .setAddress(Address.newBuilder()
                        .setSocketAddress(SocketAddress.newBuilder()
                                .setAddress(profile.listenAddress())
                                .setPortValue(profile.listenPort())))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder()
                                .setName("envoy.filters.network.http_connection_manager")
                                .setTypedConfig(Any.pack(manager.build()))))
                .build();
    }

    static HttpFilter filter(String name, Any config) {
        return HttpFilter.newBuilder().setName(name).setTypedConfig(config).build();
    }
}
