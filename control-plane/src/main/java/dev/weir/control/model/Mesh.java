package dev.weir.control.model;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Kind {@code Mesh}.
 *
 * @param sidecars where the control plane's clients connect: {@code spec.xds}, default 127.0.0.1:18000
 * @param admin {@code spec.admin}, default 127.0.0.1:18001; bearers of its tokens are roles
 * @param consumers who may be a consumer, at the port for sidecars and at sides: {@code spec.consumers}
 * @param store {@code spec.store}
 * @param control how often the loop decides, and how
 * @param capacity where declarations come from
 * @param pricing {@code spec.price}
 * @param agents what agents meet at a sidecar
 */
public record Mesh(
        String name,
        Port sidecars,
        Port admin,
        Consumers consumers,
        Store store,
        Control control,
        CapacitySource capacity,
        Pricing pricing,
        AgentPort agents) {
    /**
     * A port of the control plane.
     *
     * @param listen {@code listen}; port 0 = any free one
     * @param access who may connect to it: {@code tls}, {@code insecure}, {@code tokens}
     */
    public record Port(InetSocketAddress listen, Access access) {}

    /** How the split is made: {@code spec.policy}. */
    public enum Policy {
        WATER_FILLING,
        WRR
    }

    /**
     * The control loop.
     *
     * @param policy {@code spec.policy}
     * @param tick {@code spec.tick}, 20 ms - 10 s, default 250 ms
     * @param loadReportInterval {@code spec.telemetry.loadReportInterval}, 50 ms - 10 s, default 250 ms
     */
    public record Control(Policy policy, Duration tick, Duration loadReportInterval) {}

    /**
     * How prices move.
     *
     * @param targetUtilisation {@code targetUtilisation}, (0, 1], default 0.9: the utilisation at which they rest
     * @param timeConstant {@code timeConstant}, default 40 s, at least {@code interval}
     * @param interval {@code interval}, between two published prices, default 5 s
     */
    public record Pricing(double targetUtilisation, Duration timeConstant, Duration interval) {}

    /**
     * What every sidecar of a consumer does at the port for agents, whichever pool they ask.
     *
     * @param requestBodyLimit {@code spec.requestBodyLimit}, bytes, 1 KiB - 256 MiB, default 8 MiB
     * @param publicSignal {@code spec.publicSignal}: whether {@code /.well-known/weir} is served, default true
     * @param cors {@code spec.cors}; empty = no page in a browser may call it
     */
    public record AgentPort(long requestBodyLimit, boolean publicSignal, Optional<Cors> cors) {}
}
