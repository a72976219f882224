package dev.weir.control.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import dev.weir.control.model.Cors;
import dev.weir.xds.wire.WeirHeaders;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What pages in browsers may do. The filter is always there and does nothing until the routes bring a policy; it comes first, so
 * that preflights need no pool and errors of ours can be read by the page. Agents' keys go nowhere, so no credentials are allowed.
 */
final class Browsers {
    private static final String FILTER = "envoy.filters.http.cors";

    /** Headers of answers that pages may read; {@code *} is any other, for browsers that know it. */
    private static final List<String> READABLE = List.of(
            WeirHeaders.PROVIDER,
            WeirHeaders.PRICE,
            WeirHeaders.PRICE_EPOCH,
            WeirHeaders.EPOCH,
            WeirHeaders.CONGESTION,
            WeirHeaders.ATTEMPTS,
            WeirHeaders.REQUEST_ID,
            WeirHeaders.RETRY_AFTER,
            WeirHeaders.RETRY_AFTER_MILLIS,
            WeirHeaders.SHOULD_RETRY,
            "*");

    private Browsers() {}

    static HttpFilter filter() {
        return Listeners.filter(
                FILTER, Any.pack(io.envoyproxy.envoy.extensions.filters.http.cors.v3.Cors.getDefaultInstance()));
    }

    /** Lets pages of these origins call; what they are told depends on who asks, so no cache may keep it for others. */
    static void allow(VirtualHost.Builder host, Cors cors) {
        host.putTypedPerFilterConfig(FILTER, Any.pack(policy(cors)))
                .addResponseHeadersToAdd(HeaderValueOption.newBuilder()
                        .setHeader(HeaderValue.newBuilder().setKey("vary").setValue("origin"))
                        .setAppendAction(HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD));
    }

    private static CorsPolicy policy(Cors cors) {
        CorsPolicy.Builder policy = CorsPolicy.newBuilder()
                .setAllowMethods(String.join(", ", cors.methods()))
                .setAllowHeaders(String.join(", ", cors.headers()))
                .setExposeHeaders(String.join(", ", READABLE))
                .setMaxAge(Long.toString(cors.maxAge().toSeconds()))
                // sidecars are on loopback, pages rarely
                .setAllowPrivateNetworkAccess(BoolValue.of(true));
        cors.origins().forEach(origin -> policy.addAllowOriginStringMatch(matcher(origin)));
        return policy.build();
    }

    private static StringMatcher matcher(String origin) {
        int star = origin.indexOf('*');
        if (star < 0) {
            return StringMatcher.newBuilder().setExact(origin).build();
        }
        String any = origin.length() == 1 ? ".*" : "[^/:]+";
        String regex = literally(origin.substring(0, star)) + any + literally(origin.substring(star + 1));
        return StringMatcher.newBuilder()
                .setSafeRegex(RegexMatcher.newBuilder().setRegex(regex))
                .build();
    }

    private static String literally(String text) {
        return text.isEmpty() ? "" : Pattern.quote(text);
    }
}
