package dev.weir.control.server;

import com.google.errorprone.annotations.ThreadSafe;
import dev.weir.control.envoy.ConsumerXdsPublisher;
import dev.weir.control.envoy.ProviderXdsPublisher;
import dev.weir.xds.delivery.DeliveryListener;
import dev.weir.xds.delivery.SidecarProfile;
import org.jspecify.annotations.Nullable;

/** Tells the publisher of its kind of each sidecar that connected. None connects before there are publishers. */
@ThreadSafe
final class SidecarArrivals implements DeliveryListener {
    private volatile @Nullable ConsumerXdsPublisher consumers;
    private volatile @Nullable ProviderXdsPublisher sides;

    void to(ConsumerXdsPublisher consumers, ProviderXdsPublisher sides) {
        this.consumers = consumers;
        this.sides = sides;
    }

    @Override
    public void connected(String node, SidecarProfile profile) {
        ConsumerXdsPublisher toConsumers = consumers;
        ProviderXdsPublisher toSides = sides;
        if (toConsumers != null && profile instanceof SidecarProfile.Consumer consumer) {
            toConsumers.arrived(consumer);
        } else if (toSides != null && profile instanceof SidecarProfile.Provider provider) {
            toSides.arrived(provider);
        }
    }
}
