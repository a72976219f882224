package dev.weir.control.usage;

import dev.weir.control.model.Work;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.GrantFacts;
import dev.weir.xds.telemetry.AccessRecord.Usage;
import java.util.Optional;

/**
 * What a provider may claim to have counted.
 *
 * <pre>
 *   completion tokens <= bytes of the answer + thoughts      a token of text is a byte or more, whatever the tokenizer
 *   thoughts          <= {@value #THOUGHTS_PER_SECOND} per second, and {@value #MAX_THOUGHTS}    tokens that no byte shows
 *   prompt tokens     <= {@value #PROMPT_TOKENS_PER_BYTE} x bytes of the request            one by the same reason, the rest for what servers put around
 *   total tokens      <= both together</pre>
 *
 * <p>Thoughts take time, which no provider can make up: a second is one of the call, without what it waited for its check. What
 * the request says of its own limit is not asked: there are many names for it, and an agent could tell the sidecar one and the
 * provider another.
 *
 * <p>A provider may honestly count more yet that no byte shows: pictures and documents behind a URL, earlier responses that a
 * request only names, results of its own searches. How much that can be, no sidecar sees: the pool says it
 * ({@code maxPromptTokens}, {@code maxCompletionTokens}), and what it says takes the place of all this.
 */
public final class TokenBounds {
    /** Prompt tokens that a byte of a request may be. */
    public static final long PROMPT_TOKENS_PER_BYTE = 4;

    /** Most tokens of thought a second, far above a single answer of the fastest hardware. */
    public static final long THOUGHTS_PER_SECOND = 4_000;
    /** Most tokens of thought; as many as the longest answers that models are sold with. */
    public static final long MAX_THOUGHTS = 131_072;

    private TokenBounds() {}

    /** Which of the call's counts is too large; empty = none, or it has none. */
    public static Optional<Doubt> exceeded(AccessRecord call, Work work) {
        Usage usage = call.answer().usage();
        if (usage == null) {
            return Optional.empty();
        }
        long prompt = mostPrompt(call, work);
        long completion = mostCompletion(call, work);
        if (usage.promptTokens() > prompt) {
            return Optional.of(Doubt.PROMPT_TOKENS);
        }
        if (usage.completionTokens() > completion) {
            return Optional.of(Doubt.COMPLETION_TOKENS);
        }
        return usage.totalTokens() > prompt + completion ? Optional.of(Doubt.TOTAL_TOKENS) : Optional.empty();
    }

    static long mostPrompt(AccessRecord call, Work work) {
        return work instanceof Work.PerToken perToken
                        && perToken.maxPromptTokens().isPresent()
                ? perToken.maxPromptTokens().get()
                : PROMPT_TOKENS_PER_BYTE * call.request().bytesReceived();
    }

    static long mostCompletion(AccessRecord call, Work work) {
        return work instanceof Work.PerToken perToken
                        && perToken.maxCompletionTokens().isPresent()
                ? perToken.maxCompletionTokens().get()
                : call.answer().bytesSent() + mostThoughts(call);
    }

    private static long mostThoughts(AccessRecord call) {
        GrantFacts check = call.check();
        long micros = Math.max(0, call.timing().durationMicros() - (check == null ? 0 : check.heldMicros()));
        return Math.min(MAX_THOUGHTS, micros * THOUGHTS_PER_SECOND / 1_000_000);
    }
}
