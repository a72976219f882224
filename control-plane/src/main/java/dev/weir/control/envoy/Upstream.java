package dev.weir.control.envoy;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import dev.weir.control.model.Config;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Provider;
import dev.weir.xds.resource.NewerFields;
import dev.weir.xds.wire.WeirHeaders;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.envoyproxy.envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.AutoHttpConfig;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

    /** Headers in which agents and providers' clients usually carry a key. */
    private static final List<String> CREDENTIALS =
            List.of("authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie");

    /** Headers that each Envoy on the way writes; of TLS and of agents they would say what is not so. */
    private static final List<String> OF_PROXIES =
            List.of("x-envoy-attempt-count", "x-forwarded-proto", "x-forwarded-for");

    /** All of Weir's headers but {@code weir-turn}. */
    private static final String ALL_BUT_TURN = "weir-([^t].*|t|t[^u].*)";

    /** All of Weir's headers but {@code weir-pick}. */
    private static final String ALL_BUT_PICK = "weir-([^p].*|p|p[^i].*)";

    /** Below the shortest keep-alive in wide use (5 s), so that a request rarely meets a connection that is being closed. */
    private static final int IDLE_SECONDS = 4;

    private static final HttpFilter CODEC =
            Listeners.filter("envoy.filters.http.upstream_codec", Any.pack(UpstreamCodec.getDefaultInstance()));

    private Upstream() {}

    /** At a consumer: towards the provider, or towards the side before it. */
    static HttpProtocolOptions options(Config config, Pool pool, Pool.Member member) {
        Provider provider = requireNonNull(config.providers().get(member.provider()));
        boolean direct = provider.proxy().isEmpty();
        HttpProtocolOptions.Builder options = protocol(
                        direct && provider.endpoint().tls().isPresent())
                // first, so that what it marks in an answer comes after all marks of others are gone
                .addHttpFilters(Listeners.filter(
                        "weir.option", Any.pack(Scripts.option(provider.usage() == Provider.Usage.ASKED))))
                .addHttpFilters(Listeners.filter("weir.headers", headers(config, pool, provider)));
        if (pool.members().stream().anyMatch(each -> rewrites(config, each))) {
            options.addHttpFilters(Listeners.filter("weir.path", Any.pack(Scripts.path(provider.endpoint()))));
        }
        Map<String, String> aliases = pool.match() instanceof Pool.Match.Model model ? model.aliases() : Map.of();
        if (!aliases.isEmpty() || pool.members().stream().anyMatch(Pool.Member::renames)) {
            options.addHttpFilters(Listeners.filter(
                    "weir.model", Any.pack(Scripts.model(member.model(), renamed(aliases, member.models())))));
        }
        if (direct) {
            Credential.filter(provider).ifPresent(options::addHttpFilters);
        }
        return options.addHttpFilters(CODEC).build();
    }

    /** Names at a provider by those that agents may say. */
    private static Map<String, String> renamed(Map<String, String> aliases, Map<String, String> there) {
        Map<String, String> renamed = new TreeMap<>(there);
        aliases.forEach((alias, name) -> renamed.put(alias, there.getOrDefault(name, name)));
        return renamed;
    }

    private static boolean rewrites(Config config, Pool.Member member) {
        Provider provider = config.providers().get(member.provider());
        return provider != null && provider.endpoint().rewrites();
    }

    /** Protocol options towards the provider, at a provider's side, which gets the path that the consumer's sidecar made. */
    static HttpProtocolOptions options(Provider provider) {
        Mutations.Builder mutations = Mutations.newBuilder();
        removeCredentials(mutations, CREDENTIALS);
        OF_PROXIES.forEach(header -> mutations.addRequestMutations(Headers.removing(header)));
        // what consumers tell the side, or each other, and nobody else; price, epochs and request id go on
        for (String header : List.of(WeirHeaders.PROVIDER, WeirHeaders.PICK, WeirHeaders.TURN)) {
            mutations.addRequestMutations(Headers.removing(header));
        }
        removeFromAnswers(mutations)
                // so what reaches a consumer is the side's own: no provider can say that it refused
                .addResponseMutations(Headers.removingPrefix("x-envoy-"));
        HttpProtocolOptions.Builder options = protocol(provider.endpoint().tls().isPresent())
                .addHttpFilters(Listeners.filter("weir.headers", mutations(mutations)));
        Credential.filter(provider).ifPresent(options::addHttpFilters);
        return options.addHttpFilters(CODEC).build();
    }

    private static HttpProtocolOptions.Builder protocol(boolean tls) {
        HttpProtocolOptions.Builder options = HttpProtocolOptions.newBuilder();
        options.getCommonHttpProtocolOptionsBuilder().setIdleTimeout(Durations.fromSeconds(IDLE_SECONDS));
        if (tls) {
            // whichever of HTTP/2 and HTTP/1.1 the provider offers
            return options.setAutoConfig(AutoHttpConfig.newBuilder()
                    .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance())
                    .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()));
        }
        return options.setExplicitHttpConfig(
                ExplicitHttpConfig.newBuilder().setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance()));
    }

    private static Any headers(Config config, Pool pool, Provider provider) {
        Mutations.Builder mutations = Mutations.newBuilder();
        Set<String> credentials = new TreeSet<>(CREDENTIALS);
        config.providers().values().forEach(each -> each.credentials().ifPresent(c -> credentials.add(c.header())));
        removeCredentials(mutations, credentials);
        // a retry goes where a sticky conversation's turn or a pick says, so these must outlive the first attempt
        mutations
                .addRequestMutations(
                        pool.stickyHeader().isPresent()
                                ? Headers.removingMatch(ALL_BUT_TURN)
                                : pool.admission().pick().isPresent()
                                        ? Headers.removingMatch(ALL_BUT_PICK)
                                        : Headers.removingPrefix(WeirHeaders.PREFIX))
                .addRequestMutations(Headers.setting(WeirHeaders.EPOCH, WeirMetadata.ofRoute(WeirMetadata.EPOCH)))
                .addRequestMutations(Headers.setting(
                        WeirHeaders.PRICE, WeirMetadata.ofRoute(WeirMetadata.PRICE + ":" + provider.name())))
                .addRequestMutations(
                        Headers.setting(WeirHeaders.PRICE_EPOCH, WeirMetadata.ofRoute(WeirMetadata.PRICE_EPOCH)))
                .addRequestMutations(Headers.setting(WeirHeaders.ATTEMPT, "%REQ(X-ENVOY-ATTEMPT-COUNT)%"));
        OF_PROXIES.forEach(header -> mutations.addRequestMutations(Headers.removing(header)));
        if (pool.admission().pick().isPresent()) {
            mutations.addRequestMutations(Headers.removing(Paces.DELAY));
        }
        removeFromAnswers(mutations);
        if (provider.proxy().isPresent()) {
            // the side's own marks must reach router and record; the routes hide them from agents
            mutations.addRequestMutations(Headers.setting(WeirHeaders.PROVIDER, provider.name()));
        } else {
            mutations.addResponseMutations(Headers.removingPrefix("x-envoy-"));
        }
        return mutations(mutations);
    }

    /** Removes an agent's key: it goes nowhere, also not under the name that many frameworks take for the same. */
    private static void removeCredentials(Mutations.Builder mutations, Collection<String> names) {
        for (String name : names) {
            mutations.addRequestMutations(Headers.removing(name));
            if (name.indexOf('-') >= 0) {
                mutations.addRequestMutations(Headers.removing(name.replace('-', '_')));
            }
        }
    }

    /** Removes what only the mesh may say to agents, and what a page in a browser may read of an answer, which the mesh says. */
    private static Mutations.Builder removeFromAnswers(Mutations.Builder mutations) {
        HeaderMutation ours = Headers.removingMatch("weir[-_].*");
        NewerFields.requestTrailers(mutations, ours);
        return NewerFields.responseTrailers(mutations, ours)
                .addResponseMutations(ours)
                .addResponseMutations(Headers.removingPrefix("access-control-"));
    }

    private static Any mutations(Mutations.Builder mutations) {
        return Any.pack(io.envoyproxy.envoy.extensions.filters.http.header_mutation.v3.HeaderMutation.newBuilder()
                .setMutations(mutations)
                .build());
    }
}
