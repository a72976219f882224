package dev.weir.sim.policy;

/**
 * How the control plane learns what happens.
 *
 * @param intervalSeconds between two reports of a sidecar
 * @param delaySeconds from a report's making to its use
 * @param phase when reports are made
 */
public record Telemetry(double intervalSeconds, double delaySeconds, Phase phase) {
    /** When reports are made. */
    public enum Phase {
        /** all at once, such that they are {@code delaySeconds} old at a tick; completions are part of them */
        ALIGNED,
        /** each sidecar in its own rhythm, like Envoy's load reports; completions come apart, as attempt records */
        SPREAD
    }

    /** Exact gauges at every tick. */
    public static Telemetry exact(double tickSeconds) {
        return new Telemetry(tickSeconds, 0, Phase.ALIGNED);
    }

    /** Gauges of a given age at every tick. */
    public static Telemetry aged(double tickSeconds, double ageSeconds) {
        return new Telemetry(tickSeconds, ageSeconds, Phase.ALIGNED);
    }

    /** Envoy's load reports. */
    public static Telemetry loadReports(double intervalSeconds) {
        return new Telemetry(intervalSeconds, 0.002, Phase.SPREAD);
    }
}
