package dev.weir.xds.telemetry;

/**
 * How far the answer of an attempt has come that has not ended, from the access-log stream: the same attempt every {@link
 * AccessLogs#PROGRESS_SECONDS} s.
 *
 * @param sidecar node id
 * @param requestId {@code x-request-id}, made by the sidecar
 * @param attempt number of the attempt, from 1
 * @param pool pool's name
 * @param provider provider's name
 * @param bytes of the answer's body so far
 */
public record AttemptProgress(
        String sidecar, String requestId, int attempt, String pool, String provider, long bytes) {}
