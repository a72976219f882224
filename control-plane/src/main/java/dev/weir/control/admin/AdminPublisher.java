package dev.weir.control.admin;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.control.metrics.Latencies;
import dev.weir.control.metrics.Latencies.Latency;
import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what the admin port shows: the newest image, and a history of it. The loop's thread only leaves the image here; the
 * history is made by whoever calls {@link #sample}, once a second.
 */
@ThreadSafe
public final class AdminPublisher implements Publisher {
    private final Latencies latencies;
    private final History history = new History();
    private volatile @Nullable Image newest;
    private long sampledTick;

    public AdminPublisher(Latencies latencies) {
        this.latencies = latencies;
    }

    @Override
    public void publish(Image image, boolean released) {
        newest = image;
    }

    /** The state after the last tick; empty before the first. */
    public Optional<Image> newest() {
        return Optional.ofNullable(newest);
    }

    public History history() {
        return history;
    }

    /** Latency per provider name over the last 10 s. */
    public Map<String, Latency> latencies() {
        return latencies.read();
    }

    /** Adds one point to the history, unless the loop has not turned since the last one. One thread calls it. */
    public void sample() {
        Image image = newest;
        if (image != null && image.tick() != sampledTick) {
            sampledTick = image.tick();
            latencies.retain(image.config().providers().keySet());
            history.add(image, latencies.read());
        }
    }
}
