package dev.weir.xds.telemetry;

import dev.weir.xds.wire.LimitHeader;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One attempt or one call as Envoy logged it, in parts. The same from the access-log stream and from the file log.
 *
 * @param identity whose record it is
 * @param timing when it began and how long it took
 * @param route where it went, and on which terms
 * @param request what the agent asked for
 * @param outcome how it ended
 * @param answer what came back
 * @param check what the check said of the call, null = there was none, or it gave no grant; always so in attempts
 * @param limits what the provider said of its quotas, as it said it, without what it did not say; empty in calls, whose attempts
 *     have it, and in records from the ledger
 */
public record AccessRecord(
        Identity identity,
        Timing timing,
        Route route,
        Request request,
        Outcome outcome,
        Answer answer,
        @Nullable GrantFacts check,
        Map<LimitHeader, String> limits) {

    /** What a record is about. */
    public enum Kind {
        ATTEMPT,
        CALL
    }

    /**
     * What the record is of.
     *
     * @param kind attempt or call
     * @param sidecar node id
     * @param requestId {@code x-request-id}, made by the sidecar
     * @param attempt number of the attempt, from 1; in a call record the number of attempts that Envoy began (one that found
     *     no endpoint has no record of its own), 0 = the call was answered without
     */
    public record Identity(Kind kind, String sidecar, String requestId, int attempt) {
        public Key key() {
            return new Key(sidecar, requestId, kind, kind == Kind.CALL ? 0 : attempt);
        }
    }

    /** What makes two records the same: a call is one per request id, an attempt one per request id and number. */
    public record Key(String sidecar, String requestId, Kind kind, int attempt) {}

    /**
     * The time when it began and how long it took.
     *
     * @param startMicros wall clock, microseconds since 1970
     * @param durationMicros whole duration
     * @param firstByteMicros from start to the first response byte, -1 = none came
     */
    public record Timing(long startMicros, long durationMicros, long firstByteMicros) {}

    /**
     * Where it went, and on which terms.
     *
     * @param pool pool's name, "" = no pool matched
     * @param provider provider's name (an attempt's own; a call's last), "" = nobody was called
     * @param epoch decision in force, "" = unknown
     * @param price atomic units per 1 000 work units at that provider, -1 = nobody was called
     * @param priceNumber number of that price, -1 likewise
     */
    public record Route(String pool, String provider, String epoch, long price, long priceNumber) {}

    /**
     * What the agent asked for.
     *
     * @param method HTTP method
     * @param path path without query
     * @param model model that the agent asked for, "" = none seen, always so in attempts
     * @param streamed whether a stream was asked for, false in attempts
     * @param bytesReceived body bytes of the request, decompressed
     * @param words of the request's body: runs of letters and digits, and of marks; {@link #NOT_COUNTED}, always so in attempts
     */
    public record Request(String method, String path, String model, boolean streamed, long bytesReceived, long words) {
        /** {@link #words} of a body that was not read. */
        public static final long NOT_COUNTED = -1;
    }

    /**
     * How it ended.
     *
     * @param status HTTP status, 0 = none sent
     * @param details Envoy's response code details, "" in attempts
     * @param flags Envoy's response flags, "" = none
     * @param whole whether the response was carried to its end; false = cut by the agent, the provider or a time-out, given up
     *     for a retry, or never begun
     * @param bounced whether a provider side refused the attempt before its provider saw it, to be tried elsewhere ({@code
     *     x-envoy-overloaded}) or for good ({@code x-envoy-ratelimited}); false in calls
     * @param failed whether the answer says in words, within a 2xx, that it is an error; false in attempts, which do not know
     */
    public record Outcome(int status, String details, String flags, boolean whole, boolean bounced, boolean failed) {
        private static final int SHED = 429;

        /** Whether a provider side refused it for good: nobody tries it elsewhere. */
        public boolean shed() {
            return bounced && status == SHED;
        }
    }

    /**
     * What came back.
     *
     * @param bytesSent body bytes of the response
     * @param usage tokens, null = none seen, always so in attempts
     * @param content what was seen of the answer's content, null = it is no stream of a known kind; always so in attempts
     */
    public record Answer(
            long bytesSent, @Nullable Usage usage, @Nullable Content content) {}

    /** Tokens as the provider counted them. */
    public record Usage(long promptTokens, long completionTokens, long totalTokens, long cachedTokens) {}

    /**
     * Pieces of content of an answer, as the sidecar saw them pass: a stream's events that hold some; 0 of what is no text.
     *
     * @param pieces so far
     * @param counted of these, when the provider last said what was used; 0 = it never did
     * @param bytes of text in them, escapes as they are written
     */
    public record Content(long pieces, long counted, long bytes) {}

    /**
     * What a check granted.
     *
     * @param reservation number of the grant
     * @param epoch decision that the check read
     * @param price atomic units per 1 000 work units at the first choice, as the check read it
     * @param heldMicros how long the check was held
     * @param pick what it chose among: providers and their expected waits in milliseconds, the choices first
     * @param answeredMillis from the sidecar's asking to its having the answer, by its own clock, the holding included; -1 = not said
     */
    public record GrantFacts(
            String reservation, String epoch, long price, long heldMicros, String pick, long answeredMillis) {}

    /** Whether it is a 2xx that came from the provider, was not cut and is no error. */
    public boolean completed() {
        return outcome.status >= 200
                && outcome.status < 300
                && outcome.whole
                && !outcome.failed
                && !route.provider.isEmpty()
                && outcome.flags.isEmpty();
    }
}
