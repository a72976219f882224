package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import dev.weir.control.model.Admission;
import dev.weir.control.model.Admission.OnUnavailable;
import dev.weir.control.model.Admission.Queue;
import dev.weir.control.model.Config;
import dev.weir.control.model.Pool;
import dev.weir.xds.check.CheckedRequest;
import dev.weir.xds.wire.ControlPlaneClusters;
import dev.weir.xds.wire.WeirHeaders;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.BackoffStrategy;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.RetryPolicy;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.CheckSettings;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.ListStringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.envoyproxy.envoy.type.v3.FractionalPercent.DenominatorType;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The filters by which sidecars ask for a pick: one for each way to ask that the configuration needs. Each is off, but on the
 * route of a pool that asks this way.
 *
 * <p>Envoy decides at a request's first sight whether a filter that is disabled is there for it; that route is the one of
 * requests whose body is unread. It brings the filters in, all routes together switch them off, a pool's route switches its
 * own on. A listener with the filters and routes that do not know them yet so check nothing.
 */
record CheckFilters(Map<String, Way> ways) {
    /** While a pool is handed over, one request in so many shows how long checks take. */
    private static final int RARELY = 32;

    private static final long PROVIDER_TIMEOUT_MILLIS = 50;
    private static final long MARGIN_MILLIS = 5_000;
    /** With a back-off of 0.2 s that doubles: a control plane that is back after some 10 s still finds them waiting. */
    private static final int RETRIES = 8;

    /** Which of a governed pool's requests are checked. */
    enum Asking {
        /** all, and each is answered at once */
        AT_ONCE,
        /** all, and one may wait in the control plane until a provider has room */
        HELD,
        /** one in {@value #RARELY}, at once, and those that follow up what a provider made: the pool is handed over to its split */
        RARELY
    }

    /**
     * A way of asking.
     *
     * @param waits whether the answer may take as long as a queue holds a request
     * @param onUnavailable what if nobody answers
     * @param holdMillis longest that any pool's queue holds, 0 where none does
     */
    record Way(boolean waits, OnUnavailable onUnavailable, long holdMillis) {}

    CheckFilters {
        ways = new TreeMap<>(ways);
    }

    static CheckFilters of(Config config) {
        Map<String, Way> ways = new TreeMap<>();
        for (Pool pool : config.pools().values()) {
            pool.admission().check().ifPresent(check -> add(ways, pool, check.onUnavailable()));
        }
        return new CheckFilters(ways);
    }

    private static void add(Map<String, Way> ways, Pool pool, OnUnavailable onUnavailable) {
        // who picks for nobody holds nobody
        Queue queue = pool.admission().pick().map(Admission.Pick::queue).orElseGet(Queue.Provider::new);
        // while a pool is handed over nobody waits
        if (!(queue instanceof Queue.Pool) || onUnavailable == OnUnavailable.OPEN) {
            add(ways, new Way(false, onUnavailable, 0));
        }
        if (!(queue instanceof Queue.Provider)) {
            Duration hold = queue instanceof Queue.Pool own
                    ? own.time()
                    : Queue.Pool.within(pool.timeouts().maxStream()).time();
            add(ways, new Way(true, onUnavailable, hold.toMillis()));
        }
    }

    private static void add(Map<String, Way> ways, Way way) {
        ways.merge(
                name(way.waits, way.onUnavailable),
                way,
                (a, b) -> new Way(a.waits, a.onUnavailable, Math.max(a.holdMillis, b.holdMillis)));
    }

    private static String name(boolean waits, OnUnavailable onUnavailable) {
        return "weir.check." + (waits ? "pool" : "provider")
                + (onUnavailable == OnUnavailable.OPEN ? ".open" : ".closed");
    }

    /** Whether what is held may have to go on without an answer. */
    boolean paced() {
        return ways.values().stream().anyMatch(way -> way.waits && way.onUnavailable == OnUnavailable.OPEN);
    }

    boolean any() {
        return !ways.isEmpty();
    }

    List<HttpFilter> filters() {
        List<HttpFilter> filters = new ArrayList<>();
        ways.forEach((name, way) -> filters.add(HttpFilter.newBuilder()
                .setName(name)
                .setDisabled(true)
                .setTypedConfig(Any.pack(filter(way)))
                .build()));
        return filters;
    }

    /** The filters' settings for the route of requests whose body is unread. */
    Map<String, Any> there() {
        Any there = Any.pack(ExtAuthzPerRoute.newBuilder()
                .setCheckSettings(CheckSettings.getDefaultInstance())
                .build());
        Map<String, Any> all = new TreeMap<>();
        ways.keySet().forEach(name -> all.put(name, there));
        return all;
    }

    /** The filters' settings for all routes together. */
    Map<String, Any> off() {
        Any off = Any.pack(ExtAuthzPerRoute.newBuilder().setDisabled(true).build());
        Map<String, Any> all = new TreeMap<>();
        ways.keySet().forEach(name -> all.put(name, off));
        return all;
    }

    /** Share of a pool's requests that are checked while it is handed over. */
    static RuntimeFractionalPercent rarely() {
        return RuntimeFractionalPercent.newBuilder()
                .setDefaultValue(FractionalPercent.newBuilder()
                        .setNumerator(1_000_000 / RARELY)
                        .setDenominator(DenominatorType.MILLION))
                .build();
    }

    /** The filters' settings for the route of a governed pool. */
    static Map<String, Any> on(String pool, OnUnavailable onUnavailable, Asking asking) {
        boolean waits = asking == Asking.HELD;
        CheckSettings.Builder settings = CheckSettings.newBuilder().putContextExtensions(CheckedRequest.POOL, pool);
        if (waits) {
            settings.putContextExtensions(CheckedRequest.QUEUE, CheckedRequest.WAITS);
        }
        return Map.of(
                name(waits, onUnavailable),
                Any.pack(
                        ExtAuthzPerRoute.newBuilder().setCheckSettings(settings).build()));
    }

    /**
     * Whether requests may wait in the control plane. Where the configuration does not say: when the mean service time,
     * {@code sum s w / sum mu} over the members, is above half a second.
     *
     * @param meanServiceSeconds of the pool's members
     */
    static boolean waits(Admission.Queue queue, double meanServiceSeconds) {
        return queue instanceof Queue.Pool || (queue instanceof Queue.Auto && meanServiceSeconds > 0.5);
    }

    private static ExtAuthz filter(Way way) {
        GrpcService.Builder service = GrpcService.newBuilder()
                .setEnvoyGrpc(GrpcService.EnvoyGrpc.newBuilder().setClusterName(ControlPlaneClusters.CHECK));
        if (way.waits) {
            long timeout = way.holdMillis + MARGIN_MILLIS;
            service.setTimeout(Durations.fromMillis(timeout)).setRetryPolicy(retries(way, timeout));
        } else {
            service.setTimeout(Durations.fromMillis(PROVIDER_TIMEOUT_MILLIS));
        }
        return ExtAuthz.newBuilder()
                .setTransportApiVersion(ApiVersion.V3)
                .setGrpcService(service)
                .setFailureModeAllow(way.onUnavailable == OnUnavailable.OPEN)
                // tells pace.lua
                .setFailureModeAllowHeaderAdd(way.waits && way.onUnavailable == OnUnavailable.OPEN)
                .setStatusOnError(HttpStatus.newBuilder().setCode(StatusCode.ServiceUnavailable))
                .setClearRouteCache(true)
                // else a refusal would count as an answer of the provider that the split named
                .setChargeClusterResponseStats(com.google.protobuf.BoolValue.of(false))
                .addMetadataContextNamespaces(WeirMetadata.REQUEST)
                // of headers the check needs one
                .setAllowedHeaders(ListStringMatcher.newBuilder()
                        .addPatterns(StringMatcher.newBuilder().setExact(WeirHeaders.REQUEST_ID)))
                .build();
    }

    /**
     * Retries of a check: a request that waits survives a control plane that is killed: it is asked again. Envoy takes the
     * longest back-off for the time-out of each try, so it must not be shorter than the longest wait. With {@code open} only a
     * stream that was refused is tried again, else a frozen control plane would cost its detection time with each try.
     */
    private static RetryPolicy retries(Way way, long timeoutMillis) {
        boolean open = way.onUnavailable == OnUnavailable.OPEN;
        return RetryPolicy.newBuilder()
                .setRetryOn(open ? "refused-stream" : "unavailable,connect-failure,refused-stream,reset")
                .setNumRetries(UInt32Value.of(open ? 1 : RETRIES))
                .setRetryBackOff(BackoffStrategy.newBuilder()
                        .setBaseInterval(Durations.fromMillis(200))
                        .setMaxInterval(Durations.fromMillis(timeoutMillis)))
                .build();
    }
}
