package dev.weir.control.metrics;

import dev.weir.xds.delivery.DeliveryListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** Counts what sidecars accept and refuse, by discovery type. */
public final class DeliveryMetrics implements DeliveryListener {
    private final MeterRegistry registry;
    private final BoundedLabels types = new BoundedLabels();
    private final BoundedLabels kinds = new BoundedLabels();

    public DeliveryMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void acknowledged(String node, String typeUrl, long latencyNanos) {
        String type = type(typeUrl);
        registry.counter(MetricNames.XDS_ACKS, "type", type).increment();
        Timer.builder(MetricNames.XDS_PUSH)
                .description("from sending a response to its acknowledgement")
                .tag("type", type)
                .publishPercentiles(0.5, 0.99)
                .register(registry)
                .record(Math.max(0, latencyNanos), TimeUnit.NANOSECONDS);
    }

    @Override
    public void refused(String node, String typeUrl, String message) {
        registry.counter(MetricNames.XDS_NACKS, "type", type(typeUrl)).increment();
    }

    @Override
    public void rejected(String node, String kind, String message) {
        registry.counter(MetricNames.XDS_REJECTED, "kind", kinds.of(kind)).increment();
    }

    /** The last part of a type URL, for instance {@code Cluster}. */
    private String type(String typeUrl) {
        return types.of(typeUrl.substring(typeUrl.lastIndexOf('.') + 1));
    }
}
