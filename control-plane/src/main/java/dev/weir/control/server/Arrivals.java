package dev.weir.control.server;

import dev.weir.control.envoy.SidePublisher;
import dev.weir.control.envoy.XdsPublisher;
import dev.weir.xds.delivery.SidecarProfile;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells the publisher of its kind of each sidecar that connected. Any thread; none connects before there are publishers. */
final class Arrivals implements Consumer<SidecarProfile> {
    private volatile @Nullable XdsPublisher consumers;
    private volatile @Nullable SidePublisher sides;

    void to(XdsPublisher consumers, SidePublisher sides) {
        this.consumers = consumers;
        this.sides = sides;
    }

    @Override
    public void accept(SidecarProfile profile) {
        XdsPublisher toConsumers = consumers;
        SidePublisher toSides = sides;
        if (toConsumers != null && profile instanceof SidecarProfile.Consumer consumer) {
            toConsumers.arrived(consumer);
        } else if (toSides != null && profile instanceof SidecarProfile.Provider provider) {
            toSides.arrived(provider);
        }
    }
}
