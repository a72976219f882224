package dev.weir.control.chain;

import java.time.Duration;
import java.util.Optional;

/** An Ethereum node did not answer, or not as it should. The message names no more of its URL than host and port. */
public final class NodeException extends Exception {
    private final transient Reason reason;
    private final transient Optional<Duration> retryAfter;

    /** What the node's words say about asking again. */
    enum Reason {
        /** Nothing against the question: silence, an overload, a rate limit, an answer that is none. */
        OTHER,
        /** In its words it was asked for too many blocks, or too many logs are in them: less will do. */
        TOO_MUCH,
        /** Its answer was seen to be too long: less will do. */
        TOO_LONG,
        /** An error in words that are not known. */
        UNCLEAR
    }

    NodeException(String message) {
        this(message, Reason.OTHER, Optional.empty());
    }

    /** @param retryAfter how long the node asked to be left alone */
    NodeException(String message, Reason reason, Optional<Duration> retryAfter) {
        super(message);
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    /** Whether the answer to a smaller question would be of use. */
    boolean asksForLess() {
        return reason == Reason.TOO_MUCH || reason == Reason.TOO_LONG;
    }

    Reason reason() {
        return reason;
    }

    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
