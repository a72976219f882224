package dev.weir.control.envoy;

import com.google.errorprone.annotations.ThreadSafe;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.weir.control.model.Declarations.Declaration;
import dev.weir.control.model.Image;
import dev.weir.control.model.Publisher;
import dev.weir.weights.bounce.SideLimits;
import dev.weir.xds.delivery.RuntimeDelivery;
import dev.weir.xds.wire.ClusterName;
import java.util.Map;
import java.util.TreeMap;

/** Tells the sides of providers their limits, by runtime layer, where a tick changed them. */
@ThreadSafe
public final class LimitPublisher implements Publisher {
    private final RuntimeDelivery runtime;

    @GuardedBy("this")
    private Map<String, SideLimits> atRest = Map.of();

    @GuardedBy("this")
    private boolean resting;

    public LimitPublisher(RuntimeDelivery runtime) {
        this.runtime = runtime;
    }

    @Override
    public synchronized void publish(Image image, boolean released) {
        if (resting || image.limits().isEmpty()) {
            return; // nothing is known yet, or nobody will know any more: what is in force stays
        }
        Map<String, SideLimits> rest = new TreeMap<>();
        Map<String, Map<String, Integer>> limits = new TreeMap<>();
        image.limits().forEach((provider, limit) -> {
            Declaration declaration = image.declarations().byProvider().get(provider);
            rest.put(provider, limit.atRest(declaration == null ? 1 : declaration.likelySlots()));
            limits.put(provider, clusters(provider, limit));
        });
        atRest = rest;
        runtime.publish(limits);
    }

    /**
     * Gives the limits for the end of this process: limits that nobody moves any more must fit any load. What comes later is
     * ignored. May be called on any thread.
     */
    public synchronized void rest() {
        resting = true;
        Map<String, Map<String, Integer>> limits = new TreeMap<>();
        atRest.forEach((provider, each) -> limits.put(provider, clusters(provider, each)));
        if (!limits.isEmpty()) {
            runtime.publish(limits);
        }
    }

    private static Map<String, Integer> clusters(String provider, SideLimits limits) {
        return Map.of(
                ClusterName.firstAttempts(provider), limits.first(),
                ClusterName.furtherAttempts(provider), limits.further());
    }
}
