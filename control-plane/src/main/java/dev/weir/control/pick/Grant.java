package dev.weir.control.pick;

import dev.weir.xds.check.CheckAnswer;
import dev.weir.xds.check.CheckedRequest;
import org.jspecify.annotations.Nullable;

/** A booking: one request that was sent to a provider and has not ended. */
final class Grant {
    final String requestId;
    final String pool;
    final long grantedNanos;
    /** When the request came, by its sidecar's wall clock, microseconds since 1970; 0 = not said. */
    final long arrivedMicros;
    /** When the check came, by our monotonic clock, microseconds. */
    final long checkedMicros;
    /** The same answer for who asks again. */
    final CheckAnswer answer;
    /** Where its retry goes; null = not steered. */
    final @Nullable String second;

    String provider;
    /** Since when it is at this provider. */
    long placedNanos;

    int attempt = 1;

    Grant(
            CheckedRequest check,
            String provider,
            @Nullable String second,
            long checkedNanos,
            long grantedNanos,
            CheckAnswer answer) {
        this.requestId = check.requestId();
        this.pool = check.pool();
        this.provider = provider;
        this.second = second;
        this.grantedNanos = grantedNanos;
        this.placedNanos = grantedNanos;
        this.arrivedMicros = check.arrivedMicros();
        this.checkedMicros = checkedNanos / 1_000;
        this.answer = answer;
    }
}
