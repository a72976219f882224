package dev.weir.control.metrics;

import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.TelemetryListener;
import dev.weir.xds.wire.ClusterName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Counts what sidecars report: load reports, records by stream, and what could not be read. */
public final class TelemetryMetrics implements TelemetryListener {
    private final MeterRegistry registry;
    private final Predicate<String> known;
    private final Counter loadReports;
    private final BoundedLabels kinds = new BoundedLabels();

    /** @param known whether a cluster of this name is or was in the configuration */
    public TelemetryMetrics(MeterRegistry registry, Predicate<String> known) {
        this.registry = registry;
        this.known = known;
        this.loadReports = registry.counter(MetricNames.LOAD_REPORTS);
    }

    @Override
    public void load(LoadReport report) {
        loadReports.increment();
    }

    @Override
    public void records(List<AccessRecord> records) {
        for (AccessRecord record : records) {
            String kind = record.identity().kind().name().toLowerCase(Locale.ROOT);
            registry.counter(MetricNames.RECORDS, "source", "stream", "kind", kind)
                    .increment();
            if (record.identity().kind() == AccessRecord.Kind.ATTEMPT
                    && known.test(
                            ClusterName.of(record.route().pool(), record.route().provider()))) {
                attempt(record);
            }
        }
    }

    /** Counts an attempt. Its record names what a sidecar says; a label only what there is. */
    private void attempt(AccessRecord record) {
        if (record.outcome().bounced()) {
            bounced(record);
        } else if (!record.completed() && !record.outcome().flags().contains("DC")) {
            String pool = record.route().pool();
            String provider = record.route().provider();
            registry.counter(
                            MetricNames.FAILURES,
                            "pool",
                            pool,
                            "provider",
                            provider,
                            "status",
                            statusWord(record.outcome().status()))
                    .increment();
        }
    }

    private static String statusWord(int status) {
        if (status < 300) {
            return "none";
        }
        return switch (status) {
            case 401, 402, 403, 404, 408, 429, 529 -> Integer.toString(status);
            default -> status / 100 + "xx";
        };
    }

    private void bounced(AccessRecord record) {
        registry.counter(
                        MetricNames.BOUNCES,
                        "pool",
                        record.route().pool(),
                        "provider",
                        record.route().provider(),
                        "outcome",
                        record.outcome().shed() ? "shed" : "sent_on")
                .increment();
    }

    @Override
    public void rejected(String node, String kind, String message) {
        registry.counter(MetricNames.REJECTED, "kind", kinds.of(kind)).increment();
    }
}
