package dev.weir.xds.telemetry;

import java.util.List;

/**
 * One sidecar's load report. Gauges replace, counters add.
 *
 * @param node node id of the stream
 * @param instance number among several sidecars that say the same node id; 0 in a mesh that is set up right
 * @param receivedNanos monotonic time of arrival
 * @param clusters the clusters in it, without the sidecar's own (bootstrap) ones
 */
public record LoadReport(String node, int instance, long receivedNanos, List<ClusterLoad> clusters) {
    public LoadReport {
        clusters = List.copyOf(clusters);
    }

    /** Of a sidecar with an id of its own. */
    public LoadReport(String node, long receivedNanos, List<ClusterLoad> clusters) {
        this(node, 0, receivedNanos, clusters);
    }

    /**
     * @param cluster Envoy's cluster name
     * @param inFlight gauge: requests in progress
     * @param issued requests issued in the interval, attempts counted one by one
     * @param succeeded counted by Envoy at response headers, 404 and 429 among them: not completions
     * @param failed 5xx and resets, counted by Envoy
     * @param intervalNanos measured length of the interval that the counters cover
     */
    public record ClusterLoad(
            String cluster, long inFlight, long issued, long succeeded, long failed, long intervalNanos) {}
}
