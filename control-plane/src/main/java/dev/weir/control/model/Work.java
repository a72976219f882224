package dev.weir.control.model;

import java.util.Optional;

/** {@code spec.work}: what a request counts as. */
public sealed interface Work {
    /** Every request is one work unit: no {@code spec.work}. */
    record PerRequest() implements Work {}

    /**
     * Work units = prompt tokens x {@code perPromptToken} + completion tokens x {@code perCompletionToken}.
     *
     * @param initialPerRequest mean work of a request that is assumed before any usage was seen
     * @param maxPromptTokens the most that a provider may claim of a request; empty = by the request's bytes
     * @param maxCompletionTokens the most that it may claim of an answer; empty = by the answer's bytes
     */
    record PerToken(
            double perPromptToken,
            double perCompletionToken,
            double initialPerRequest,
            Optional<Long> maxPromptTokens,
            Optional<Long> maxCompletionTokens)
            implements Work {
        /** One whose claims are bounded by bytes. */
        public PerToken(double perPromptToken, double perCompletionToken, double initialPerRequest) {
            this(perPromptToken, perCompletionToken, initialPerRequest, Optional.empty(), Optional.empty());
        }
    }
}
