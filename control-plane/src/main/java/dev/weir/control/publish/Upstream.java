package dev.weir.control.publish;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import dev.weir.control.model.Config;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.envoyproxy.envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.AutoHttpConfig;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What happens to each attempt on its way to a provider and back: the cluster's own filters.
 *
 * <p>Attempts of one request share their headers: what one attempt added, the next one, at another provider, still has. So
 * every cluster first removes all that any other may have added.
 *
 * <p>The price comes from the route, under the provider's name, and is written into the request: so it is the one of the
 * split in force, and right after a retry elsewhere. It is not in the endpoint's metadata, because Envoy replaces that in
 * place while other threads may be reading it, and has crashed of it.
 */
final class Upstream {
    static final String OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    /** Where agents and providers' clients usually carry a key. */
    private static final List<String> CREDENTIALS =
            List.of("authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie");

    /** All of Weir's headers but {@code weir-turn}. */
    private static final String ALL_BUT_TURN = "weir-([^t].*|t|t[^u].*)";

    /** All of Envoy's headers but {@link Headers#OVERLOADED} and what none of them is named. */
    private static final String ENVOYS_BUT_OVERLOADED = "x-envoy-([^o].*|o|o[^v].*)?";

    /** Below the shortest keep-alive in wide use (5 s), so that a request rarely meets a connection that is being closed. */
    private static final int IDLE_SECONDS = 4;

    private Upstream() {}

    static HttpProtocolOptions options(Config config, Config.Pool pool, Config.Member member) {
        Config.Provider provider = requireNonNull(config.providers().get(member.provider()));
        HttpProtocolOptions.Builder options = HttpProtocolOptions.newBuilder();
        options.getCommonHttpProtocolOptionsBuilder().setIdleTimeout(Durations.fromSeconds(IDLE_SECONDS));
        if (provider.tls().isPresent()) {
            // whichever of HTTP/2 and HTTP/1.1 the provider offers
            options.setAutoConfig(AutoHttpConfig.newBuilder()
                    .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance())
                    .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()));
        } else {
            options.setExplicitHttpConfig(
                    ExplicitHttpConfig.newBuilder().setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance()));
        }
        options.addHttpFilters(filter("weir.headers", headers(config, pool, provider)));
        if (pool.members().stream().anyMatch(each -> each.model().isPresent())) {
            options.addHttpFilters(filter(
                    "weir.model",
                    Any.pack(member.model()
                            .map(PublicSignal::quoted)
                            .map(Scripts::model)
                            .orElseGet(Scripts::unchangedModel))));
        }
        return options.addHttpFilters(
                        filter("envoy.filters.http.upstream_codec", Any.pack(UpstreamCodec.getDefaultInstance())))
                .build();
    }

    private static Any headers(Config config, Config.Pool pool, Config.Provider provider) {
        Mutations.Builder mutations = Mutations.newBuilder();
        Set<String> credentials = new TreeSet<>(CREDENTIALS);
        config.providers().values().forEach(each -> each.credentials().ifPresent(c -> credentials.add(c.header())));
        credentials.forEach(header -> mutations.addRequestMutations(Headers.removing(header)));
        // a sticky conversation's retry goes where its turn says, so the turn must outlive the first attempt
        mutations
                .addRequestMutations(
                        pool.stickyHeader().isPresent()
                                ? Headers.removingMatch(ALL_BUT_TURN)
                                : Headers.removingPrefix(Headers.PREFIX))
                .addRequestMutations(Headers.setting(Headers.EPOCH, "%METADATA(ROUTE:weir:epoch)%"))
                .addRequestMutations(
                        Headers.setting(Headers.PRICE, "%METADATA(ROUTE:weir:price:" + provider.name() + ")%"))
                .addRequestMutations(Headers.setting(Headers.PRICE_EPOCH, "%METADATA(ROUTE:weir:price_epoch)%"));
        provider.credentials()
                .ifPresent(c -> mutations.addRequestMutations(Headers.setting(c.header(), Headers.literal(c.value()))));
        mutations
                .addResponseMutations(Headers.removingPrefix(Headers.PREFIX))
                // the mark of a provider side that refused must reach the record; the routes hide it from agents
                .addResponseMutations(Headers.removingMatch(ENVOYS_BUT_OVERLOADED));
        return Any.pack(HeaderMutation.newBuilder().setMutations(mutations).build());
    }

    private static HttpFilter filter(String name, Any config) {
        return HttpFilter.newBuilder().setName(name).setTypedConfig(config).build();
    }
}
