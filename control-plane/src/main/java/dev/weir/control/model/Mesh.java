package dev.weir.control.model;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Kind {@code Mesh}.
 *
 * @param xdsListen {@code spec.xds.listen}, default 127.0.0.1:18000; port 0 = any free one
 * @param adminListen {@code spec.admin.listen}, default 127.0.0.1:18001
 * @param adminAccess who may connect to {@code adminListen}: {@code spec.admin.tls}, {@code tokens}, whose bearers are roles
 * @param xdsAccess who may connect to {@code xdsListen}: {@code spec.xds.tls}, {@code insecure}, {@code tokens}
 * @param store {@code spec.store}
 * @param policy {@code spec.policy}
 * @param tick {@code spec.tick}, 20 ms - 10 s, default 250 ms
 * @param loadReportInterval {@code spec.telemetry.loadReportInterval}, 50 ms - 10 s, default 250 ms
 * @param capacity where declarations come from
 * @param requestBodyLimit {@code spec.requestBodyLimit}, bytes, 1 KiB - 256 MiB, default 8 MiB
 * @param targetUtilisation {@code spec.price.targetUtilisation}, (0, 1], default 0.9
 * @param priceTimeConstant {@code spec.price.timeConstant}, default 40 s
 * @param priceInterval {@code spec.price.interval}, default 5 s
 * @param publicSignal {@code spec.publicSignal}: whether {@code /.well-known/weir} is served, default true
 * @param cors {@code spec.cors}; empty = no page in a browser may call a sidecar
 * @param consumers who may be a consumer, at {@code xdsListen} and at sides: {@code spec.consumers}
 */
public record Mesh(
        String name,
        InetSocketAddress xdsListen,
        InetSocketAddress adminListen,
        Access adminAccess,
        Access xdsAccess,
        Store store,
        Policy policy,
        Duration tick,
        Duration loadReportInterval,
        CapacitySource capacity,
        long requestBodyLimit,
        double targetUtilisation,
        Duration priceTimeConstant,
        Duration priceInterval,
        boolean publicSignal,
        Optional<Cors> cors,
        Consumers consumers) {
    /** One with its ports on loopback. */
    public Mesh(
            String name,
            InetSocketAddress xdsListen,
            InetSocketAddress adminListen,
            Store store,
            Policy policy,
            Duration tick,
            Duration loadReportInterval,
            CapacitySource capacity,
            long requestBodyLimit,
            double targetUtilisation,
            Duration priceTimeConstant,
            Duration priceInterval,
            boolean publicSignal,
            Optional<Cors> cors) {
        this(
                name,
                xdsListen,
                adminListen,
                Access.LOOPBACK,
                Access.LOOPBACK,
                store,
                policy,
                tick,
                loadReportInterval,
                capacity,
                requestBodyLimit,
                targetUtilisation,
                priceTimeConstant,
                priceInterval,
                publicSignal,
                cors,
                Consumers.UNNAMED);
    }

    /** How the split is made: {@code spec.policy}. */
    public enum Policy {
        WATER_FILLING,
        WRR
    }
}
