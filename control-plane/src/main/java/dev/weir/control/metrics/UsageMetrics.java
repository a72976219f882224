package dev.weir.control.metrics;

import dev.weir.control.ledger.FlagListener;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.wire.ClusterName;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Predicate;

/** Counts the rows of the ledger that are not as their providers say. */
public final class UsageMetrics implements FlagListener {
    private static final String NOBODY = "none";

    private final MeterRegistry registry;
    private final Predicate<String> known;

    /** @param known whether a cluster of this name is or was in the configuration */
    public UsageMetrics(MeterRegistry registry, Predicate<String> known) {
        this.registry = registry;
        this.known = known;
    }

    /** Counts a doubted row. Its record names what a sidecar says; a label only what there is. */
    @Override
    public void flagged(AccessRecord record, String flag) {
        boolean named =
                known.test(ClusterName.of(record.route().pool(), record.route().provider()));
        registry.counter(
                        MetricNames.FLAGGED,
                        "pool",
                        named ? record.route().pool() : NOBODY,
                        "provider",
                        named ? record.route().provider() : NOBODY,
                        "flag",
                        flag)
                .increment();
    }
}
