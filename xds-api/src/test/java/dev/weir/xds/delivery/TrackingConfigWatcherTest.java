package dev.weir.xds.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.xds.testing.RecordedDelivery;
import dev.weir.xds.testing.TestResources;
import dev.weir.xds.testing.TestResources.Member;
import io.envoyproxy.controlplane.cache.DeltaResponse;
import io.envoyproxy.controlplane.cache.DeltaXdsRequest;
import io.envoyproxy.controlplane.cache.Resources;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a push on one thread and a request on another do between each other's steps; the library is played. */
final class TrackingConfigWatcherTest {
    private static final SidecarProfile.Consumer PROFILE = SidecarProfile.Consumer.DEFAULT;
    private static final String CLUSTERS = Resources.V3.CLUSTER_TYPE_URL;
    private static final String ENDPOINTS = Resources.V3.ENDPOINT_TYPE_URL;

    private final SidecarCache cache =
            new SidecarCache(node -> SidecarStream.CURRENT.get().profile());
    private final TrackingConfigWatcher watcher = new TrackingConfigWatcher(cache);
    private final SidecarStream stream =
            new SidecarStream(new NodeIdentity.Accepted("one", PROFILE), 0, () -> 0, new RecordedDelivery());
    private final List<String> left = new ArrayList<>();

    /** A request comes, and the library asks for what the sidecar lacks. */
    private void request(String typeUrl, List<String> names, Consumer<DeltaResponse> library) {
        DeltaDiscoveryRequest request = DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(typeUrl)
                .addAllResourceNamesSubscribe(names)
                .build();
        assertThat(stream.receive(request)).isEmpty();
        Context.current()
                .withValue(SidecarStream.CURRENT, stream)
                .run(() -> watcher.createDeltaWatch(
                        DeltaXdsRequest.create(request),
                        "",
                        Map.of(),
                        Set.copyOf(names),
                        typeUrl.equals(CLUSTERS),
                        library,
                        false));
        stream.served(request);
    }

    private void send(DeltaResponse response) {
        DeltaDiscoveryResponse.Builder sent = DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(response.request().getTypeUrl())
                .setNonce("" + left.size());
        response.resources()
                .forEach((name, resource) ->
                        sent.addResources(Resource.newBuilder().setName(name).setVersion(resource.version())));
        stream.send(sent.build());
        left.add(response.request().getResourceType() + " "
                + response.resources().keySet().stream().sorted().toList());
    }

    private void publish() {
        cache.setSnapshot(
                PROFILE,
                new Encoder().encode(TestResources.set(PROFILE, "1.1", List.of(new Member("a", 1_000_000, 10, 1)))));
    }

    @Test
    void endpoints_that_leave_while_their_cluster_is_about_to_are_sent_again_after_it() {
        publish();
        List<DeltaResponse> endpoints = new ArrayList<>();
        request(ENDPOINTS, List.of("chat|a"), endpoints::add);
        assertThat(endpoints).hasSize(1);
        request(CLUSTERS, List.of(), clusters -> {
            // the other thread's come first to the wire
            send(endpoints.get(0));
            send(clusters);
        });
        assertThat(left).containsExactly("ENDPOINT [chat|a]", "CLUSTER [chat|a]");
        assertThat(endpoints).hasSize(2);
        assertThat(endpoints.get(1).resources()).containsOnlyKeys("chat|a");
    }

    @Test
    void endpoints_that_leave_after_their_cluster_are_sent_once() {
        publish();
        List<DeltaResponse> endpoints = new ArrayList<>();
        request(CLUSTERS, List.of(), this::send);
        request(ENDPOINTS, List.of("chat|a"), endpoints::add);
        endpoints.forEach(this::send);
        assertThat(left).containsExactly("CLUSTER [chat|a]", "ENDPOINT [chat|a]");
        assertThat(endpoints).hasSize(1);
    }
}
