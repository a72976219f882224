package dev.weir.xds.wire;

/** Names of HTTP headers that the mesh writes or reads. */
public final class WeirHeaders {
    public static final String PROVIDER = "weir-provider";
    public static final String PRICE = "weir-price";
    public static final String PRICE_EPOCH = "weir-price-epoch";
    public static final String EPOCH = "weir-epoch";
    public static final String CONGESTION = "weir-congestion";
    public static final String ATTEMPTS = "weir-attempts";
    public static final String REQUEST_ID = "x-request-id";

    /** Set by a provider side's Envoy on what it refused before its provider saw it, to be tried elsewhere. */
    public static final String OVERLOADED = "x-envoy-overloaded";

    /** Set in a cluster on an answer that may refuse what the mesh, not the agent, asked for. */
    public static final String OPTION_REFUSED = "weir-option-refused";

    /** {@code type/code} of the error in a refusal's body, set in a cluster for the record. */
    public static final String REFUSAL = "weir-refusal";

    /** Set by a provider's side on what it sheds, likewise before its provider saw it: Envoy does not try it again. */
    public static final String RATELIMITED = "x-envoy-ratelimited";

    /** Number of the attempt, from 1, as the consumer's Envoy counts it in a header of its own, which is not for providers. */
    public static final String ATTEMPT = "weir-attempt";

    /**
     * About how long to wait, milliseconds, on what the mesh itself says with 429 or 503. The consumer's script makes {@code
     * retry-after-ms} and {@code retry-after} of it, for each request its own; no provider can say it.
     */
    public static final String RETRY_ABOUT_MILLIS = "x-envoy-weir-retry-about-ms";

    /** {@code false} keeps OpenAI's clients from trying again by themselves. */
    public static final String SHOULD_RETRY = "x-should-retry";

    /** The number that Envoy draws the provider by; never seen by agents, and by providers only in sticky pools. */
    public static final String TURN = "weir-turn";

    /** The number that a check picks the provider by; likewise. */
    public static final String PICK = "weir-pick";

    /** The encoding that a request's body came in, as the agent said it; scripts read it, no provider sees it. */
    public static final String ENCODING = "weir-encoding";

    /** Every header that is Weir's begins so. */
    public static final String PREFIX = "weir-";

    /** How long to wait before another try, milliseconds. */
    public static final String RETRY_AFTER_MILLIS = "retry-after-ms";

    /** How long to wait before another try, whole seconds. */
    public static final String RETRY_AFTER = "retry-after";

    private WeirHeaders() {}
}
