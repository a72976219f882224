package dev.weir.control.envoy;

import dev.weir.xds.delivery.Delivery;
import dev.weir.xds.delivery.ResourceSet;
import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.delivery.SidecarView;
import dev.weir.xds.delivery.SidecarView.TypeState;
import io.grpc.BindableService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps what is published; the test says what sidecars made of it. */
final class FakeDelivery implements Delivery {
    record Published(SidecarProfile profile, ResourceSet resources) {}

    final List<Published> published = new ArrayList<>();
    private final Map<String, SidecarView> sidecars = new HashMap<>();

    @Override
    public List<BindableService> services() {
        return List.of();
    }

    @Override
    public void publish(SidecarProfile profile, ResourceSet resources) {
        published.add(new Published(profile, resources));
    }

    @Override
    public List<SidecarView> sidecars() {
        return List.copyOf(sidecars.values());
    }

    ResourceSet last() {
        return published.get(published.size() - 1).resources();
    }

    /** {@code node} has accepted this version of everything, and nothing is under way; null = something is. */
    void acknowledged(String node, @Nullable String version) {
        TypeState state = version == null
                ? new TypeState("", "", "", Map.of(), 1, 0, 0)
                : new TypeState(version, "", "", Map.of(), 1, 1, 0);
        sidecars.put(
                node,
                new SidecarView(
                        node,
                        SidecarProfile.Consumer.DEFAULT,
                        1,
                        Map.of(
                                "type.googleapis.com/envoy.config.cluster.v3.Cluster", state,
                                "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", state,
                                "type.googleapis.com/envoy.config.route.v3.RouteConfiguration", state)));
    }

    void disconnected(String node) {
        sidecars.remove(node);
    }
}
