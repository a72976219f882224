package dev.weir.weights.quota;

/** What a provider counts against a quota. */
public enum QuotaUnit {
    REQUESTS,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    /** Input and output together. */
    TOKENS
}
