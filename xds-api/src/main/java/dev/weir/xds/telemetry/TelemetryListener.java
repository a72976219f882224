package dev.weir.xds.telemetry;

import dev.weir.xds.RejectionListener;
import java.util.List;

/**
 * Told what sidecars report, on gRPC's threads: must return at once and never throw. Whoever listens writes what he wants to
 * hear; the rest passes him by.
 */
public interface TelemetryListener extends RejectionListener {
    /** Told of a load report that came in. */
    default void load(LoadReport report) {}

    /** Told that a sidecar's load-report stream ended; its gauges stay valid for a grace time that the listener keeps. */
    default void loadStreamClosed(String node) {}

    /** Fresh copies of access records, possibly repeated, possibly never. */
    default void records(List<AccessRecord> records) {}

    /** Records that a file brought and that are stored now, each once; they may be old. Not on gRPC's threads. */
    default void storedRecords(List<AccessRecord> records) {}

    /** How far attempts have come that have not ended, possibly never. */
    default void progress(List<AttemptProgress> attempts) {}
}
