package dev.weir.xds.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class TypeStreamTest {
    private final TypeStream type = new TypeStream(DeltaDiscoveryRequest.newBuilder()
            .addAllResourceNamesSubscribe(List.of("a", "b"))
            .putInitialResourceVersions("a", "1")
            .build());

    private static DeltaDiscoveryResponse response(String name, String version) {
        return DeltaDiscoveryResponse.newBuilder()
                .addResources(Resource.newBuilder().setName(name).setVersion(version))
                .build();
    }

    @Test
    void what_a_sidecar_has_from_before_counts_as_seen() {
        assertThat(type.seen()).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void what_was_sent_counts_as_seen_refused_or_not_until_it_is_removed() {
        type.sent(response("b", "7"));
        type.refuse("v7", "no");
        assertThat(type.seen()).isEqualTo(Map.of("a", "1", "b", "7"));
        type.sent(DeltaDiscoveryResponse.newBuilder().addRemovedResources("b").build());
        assertThat(type.seen()).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void a_name_that_is_subscribed_to_again_is_unseen() {
        type.subscribe(DeltaDiscoveryRequest.newBuilder()
                .addResourceNamesSubscribe("a")
                .build());
        assertThat(type.seen()).isEmpty();
        assertThat(type.subscriptions()).isEqualTo(2);
        type.subscribe(DeltaDiscoveryRequest.newBuilder()
                .addResourceNamesUnsubscribe("a")
                .build());
        assertThat(type.subscriptions()).isEqualTo(1);
    }

    @Test
    void an_accepted_version_ends_the_refusal_before_it() {
        type.sent(response("b", "7"));
        type.acknowledge("v1", Set.of("b"));
        type.sent(response("b", "8"));
        type.refuse("v2", "bad route");
        assertThat(type.view()).isEqualTo(new SidecarView.TypeState("v1", "v2", "bad route", Map.of(), 2, 1, 1));
        type.sent(response("b", "9"));
        type.acknowledge("v3", Set.of("b"));
        assertThat(type.view()).isEqualTo(new SidecarView.TypeState("v3", "", "", Map.of(), 3, 2, 1));
    }

    @Test
    void a_refused_resource_stays_refused_until_a_version_of_it_is_accepted_or_it_is_removed() {
        type.sent(response("b", "8"));
        type.refuse("v2", "bad b", "b");
        type.sent(response("c", "1"));
        type.acknowledge("v3", Set.of("c"));
        assertThat(type.view())
                .isEqualTo(new SidecarView.TypeState("v3", "v2", "bad b", Map.of("b", "bad b"), 2, 1, 1));
        type.acknowledge("v4", Set.of("b"));
        assertThat(type.refusals()).isEmpty();
        assertThat(type.view().refusedVersion()).isEmpty();

        type.refuse("v5", "bad b", "b");
        type.sent(DeltaDiscoveryResponse.newBuilder().addRemovedResources("b").build());
        assertThat(type.refusals()).isEmpty();
    }
}
