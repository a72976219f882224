package dev.weir.control.metrics;

/**
 * How long a provider's completed attempts took lately.
 *
 * @param attempts completed attempts that this is made from
 * @param p50Millis median of the whole duration
 * @param p99Millis 99th percentile of the whole duration
 * @param firstByteP50Millis median of the time to the first response byte
 */
public record Latency(long attempts, double p50Millis, double p99Millis, double firstByteP50Millis) {}
