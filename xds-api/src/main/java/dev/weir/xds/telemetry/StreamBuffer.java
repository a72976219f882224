package dev.weir.xds.telemetry;

import java.time.Duration;

/**
 * How long Envoy holds records back before it sends them to an access-log service.
 *
 * @param bytes held at most; also what an outage of the service may cost in a sidecar's memory. 0 = every record at once,
 *     in a message of its own
 * @param flush held no longer than this
 */
public record StreamBuffer(int bytes, Duration flush) {
    /** Batches of 50 ms. What an outage of the service makes longer than this comes with the file. */
    public static final StreamBuffer BATCHED = new StreamBuffer(512 << 10, Duration.ofMillis(50));

    /** For what is told every few seconds anyway: each logger wakes each of Envoy's threads as often as it flushes. */
    public static final StreamBuffer SLOW = new StreamBuffer(512 << 10, Duration.ofMillis(250));

    /** Every record at once: for whoever counts requests in flight by their ends. */
    public static final StreamBuffer IMMEDIATE = new StreamBuffer(0, Duration.ofMillis(50));

    public StreamBuffer {
        if (bytes < 0 || flush.isNegative() || flush.isZero()) {
            throw new IllegalArgumentException(
                    "buffer: " + bytes + " bytes, " + flush + " (expected: bytes >= 0, flush > 0)");
        }
    }
}
