package dev.weir.xds.testing;

import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AttemptProgress;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.TelemetryListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps everything that it is told. */
public final class RecordedTelemetry implements TelemetryListener {
    /** What could not be read. */
    public record Rejection(String node, String kind, String message) {}

    private final List<LoadReport> loads = new CopyOnWriteArrayList<>();
    private final List<String> closed = new CopyOnWriteArrayList<>();
    private final List<AccessRecord> records = new CopyOnWriteArrayList<>();
    private final List<AttemptProgress> progress = new CopyOnWriteArrayList<>();
    private final List<Rejection> rejections = new CopyOnWriteArrayList<>();

    @Override
    public void load(LoadReport report) {
        loads.add(report);
    }

    @Override
    public void loadStreamClosed(String node) {
        closed.add(node);
    }

    @Override
    public void records(List<AccessRecord> more) {
        records.addAll(more);
    }

    @Override
    public void progress(List<AttemptProgress> attempts) {
        progress.addAll(attempts);
    }

    @Override
    public void rejected(String node, String kind, String message) {
        rejections.add(new Rejection(node, kind, message));
    }

    public List<LoadReport> loads() {
        return List.copyOf(loads);
    }

    /** Nodes whose load stream ended. */
    public List<String> closed() {
        return List.copyOf(closed);
    }

    public List<AccessRecord> records() {
        return List.copyOf(records);
    }

    public List<AttemptProgress> progress() {
        return List.copyOf(progress);
    }

    public List<Rejection> rejections() {
        return List.copyOf(rejections);
    }
}
