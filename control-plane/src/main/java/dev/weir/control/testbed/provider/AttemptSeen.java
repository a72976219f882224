package dev.weir.control.testbed.provider;

/**
 * One attempt as the provider saw it arrive.
 *
 * @param requestId {@code x-request-id}, "" = none
 * @param attempt {@code weir-attempt}, or {@code x-envoy-attempt-count}; 1 where the header is missing
 * @param atNanos monotonic time of arrival
 */
public record AttemptSeen(String requestId, int attempt, long atNanos) {}
