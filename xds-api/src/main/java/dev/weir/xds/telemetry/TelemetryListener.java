package dev.weir.xds.telemetry;

import java.util.List;

/** Told what sidecars report, on gRPC's threads: must return at once and never throw. */
public interface TelemetryListener {
    /** A load report came in. */
    void load(LoadReport report);

    /** A sidecar's load-report stream ended; its gauges stay valid for a grace time that the listener keeps. */
    void loadStreamClosed(String node);

    /** Fresh copies of access records, possibly repeated, possibly never. */
    void records(List<AccessRecord> records);

    /** How far attempts have come that have not ended, possibly never. */
    void progress(List<AttemptProgress> attempts);

    /** Something that could not be read was dropped and counted; {@code kind} is a short fixed word for a metric's label. */
    void rejected(String node, String kind, String message);
}
