package dev.weir.control.envoy;

import dev.weir.xds.resource.NewerFields;
import dev.weir.xds.wire.WeirHeaders;
import dev.weir.xds.wire.WeirMetadata;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;

/** How Envoy writes and removes headers, and those of Weir that every answer has. */
final class Headers {
    private Headers() {}

    /** Replaces or adds a header; {@code format} may hold Envoy's command operators. An empty result adds nothing. */
    static HeaderValueOption set(String name, String format) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(format))
                .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
                .build();
    }

    /** {@link #set} as a step of a filter. */
    static HeaderMutation setting(String name, String format) {
        return HeaderMutation.newBuilder().setAppend(set(name, format)).build();
    }

    static HeaderMutation removing(String name) {
        return HeaderMutation.newBuilder().setRemove(name).build();
    }

    static HeaderMutation removingPrefix(String prefix) {
        return NewerFields.removeOnMatch(
                StringMatcher.newBuilder().setPrefix(prefix).build());
    }

    /** Removes every header whose whole name matches {@code regex} (RE2). */
    static HeaderMutation removingMatch(String regex) {
        return NewerFields.removeOnMatch(StringMatcher.newBuilder()
                .setSafeRegex(RegexMatcher.newBuilder().setRegex(regex))
                .build());
    }

    /**
     * Response headers of every answer, local ones included. The provider's are those of the host last called: its price is what {@link
     * Upstream} wrote into the request.
     */
    static List<HeaderValueOption> onEveryResponse(String epoch) {
        return List.of(
                set(WeirHeaders.EPOCH, epoch),
                set(WeirHeaders.PROVIDER, WeirMetadata.OF_ENDPOINT),
                set(WeirHeaders.PRICE, "%REQ(WEIR-PRICE)%"),
                set(WeirHeaders.PRICE_EPOCH, "%REQ(WEIR-PRICE-EPOCH)%"),
                set(WeirHeaders.ATTEMPTS, "%UPSTREAM_REQUEST_ATTEMPT_COUNT%"),
                set(WeirHeaders.REQUEST_ID, "%REQ(X-REQUEST-ID)%"));
    }
}
