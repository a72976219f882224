package dev.weir.control.envoy;

import dev.weir.xds.resource.NewerFields;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutation;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;

/** The headers of Weir, and how Envoy writes and removes headers. */
final class Headers {
    static final String PROVIDER = "weir-provider";
    static final String PRICE = "weir-price";
    static final String PRICE_EPOCH = "weir-price-epoch";
    static final String EPOCH = "weir-epoch";
    static final String CONGESTION = "weir-congestion";
    static final String ATTEMPTS = "weir-attempts";
    static final String REQUEST_ID = "x-request-id";

    /** Set by a provider side's Envoy on what it refused before its provider saw it. */
    static final String OVERLOADED = "x-envoy-overloaded";

    /** Set in a cluster on an answer that may refuse what the mesh, not the agent, asked for. */
    static final String OPTION_REFUSED = "weir-option-refused";

    /** Set by a provider's side on what it sheds: Envoy does not try it again. */
    static final String RATELIMITED = "x-envoy-ratelimited";

    /** Number of the attempt, from 1, as the consumer's Envoy counts it in a header of its own, which is not for providers. */
    static final String ATTEMPT = "weir-attempt";

    /**
     * About how long to wait, milliseconds, on what the mesh itself says with 429 or 503. The consumer's script makes {@code
     * retry-after-ms} and {@code retry-after} of it, for each request its own; no provider can say it.
     */
    static final String RETRY_ABOUT_MILLIS = "x-envoy-weir-retry-about-ms";

    /** {@code false} keeps OpenAI's clients from trying again by themselves. */
    static final String SHOULD_RETRY = "x-should-retry";

    /** The number that Envoy draws the provider by; never seen by agents, and by providers only in sticky pools. */
    static final String TURN = "weir-turn";

    /** The number that a check picks the provider by; likewise. */
    static final String PICK = "weir-pick";

    /** The encoding that a request's body came in, as the agent said it; scripts read it, no provider sees it. */
    static final String ENCODING = "weir-encoding";

    /** Every header that is Weir's begins so. */
    static final String PREFIX = "weir-";

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
                set(EPOCH, epoch),
                set(PROVIDER, "%UPSTREAM_METADATA(weir:provider)%"),
                set(PRICE, "%REQ(WEIR-PRICE)%"),
                set(PRICE_EPOCH, "%REQ(WEIR-PRICE-EPOCH)%"),
                set(ATTEMPTS, "%UPSTREAM_REQUEST_ATTEMPT_COUNT%"),
                set(REQUEST_ID, "%REQ(X-REQUEST-ID)%"));
    }
}
