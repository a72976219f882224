package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.model.Admission;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Image;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.PoolMaker;
import dev.weir.xds.delivery.ResourceSet;
import dev.weir.xds.delivery.SidecarProfile;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConsumerXdsPublisherTest {
    private static final Pool ONE = Meshes.pool("m", new Match.Model("m"), "a");
    private static final Pool TWO = Meshes.pool("m", new Match.Model("m"), "a", "b");

    private final FakeDelivery delivery = new FakeDelivery();
    private long nowMillis;
    private final ConsumerXdsPublisher publisher = new ConsumerXdsPublisher(delivery, () -> nowMillis * 1_000_000);

    ConsumerXdsPublisherTest() {
        publisher.arrived(SidecarProfile.Consumer.DEFAULT);
    }

    private void publish(Image image, boolean released) {
        nowMillis = image.tick() * 250;
        publisher.publish(image, released);
    }

    /** As the wall clock says after it was set. */
    private static Image set(Image image, long hours) {
        return new Image(
                image.tick(),
                image.atMillis() + hours * 3_600_000,
                image.config(),
                image.declarations(),
                image.addresses(),
                image.decision(),
                image.proposal(),
                image.limits(),
                image.handedOver());
    }

    private static Config config(Pool... pools) {
        return Meshes.config(
                Policy.WATER_FILLING, List.of(Meshes.provider("a", 1001), Meshes.provider("b", 1002)), pools);
    }

    private static Decision decision(long sequence, Pool pool, int... weights) {
        return Meshes.decision(sequence, Meshes.decided(pool, weights));
    }

    /** Weights of the pool's route, by cluster; empty = it sheds. */
    private static Map<String, Integer> weights(ResourceSet set) {
        Map<String, Integer> weights = new TreeMap<>();
        for (ClusterWeight each : route(set).getRoute().getWeightedClusters().getClustersList()) {
            weights.put(each.getName(), each.getWeight().getValue());
        }
        return weights;
    }

    private static Route route(ResourceSet set) {
        return set.routes().get(0).getVirtualHosts(0).getRoutesList().stream()
                .filter(route -> route.getName().equals("pool:m"))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> clusters(ResourceSet set) {
        return set.clusters().stream()
                .map(Cluster::getName)
                .filter(name -> name.contains("|"))
                .toList();
    }

    @Test
    void before_the_first_decision_sidecars_keep_what_they_have() {
        Image image = Meshes.image(1, config(ONE), decision(1, ONE, 1_000_000));
        publish(
                new Image(
                        1,
                        image.atMillis(),
                        image.config(),
                        image.declarations(),
                        image.addresses(),
                        Optional.empty(),
                        image.proposal(),
                        Map.of(),
                        Set.of()),
                false);

        assertThat(delivery.published).isEmpty();
    }

    @Test
    void a_restored_decision_waits_for_addresses_but_not_for_ever() {
        Decision restored = decision(1, TWO, 600_000, 400_000);
        Map<String, List<String>> some = Map.of("a", List.of("127.0.0.1"));
        for (long tick = 1; tick <= ConsumerXdsPublisher.ADDRESS_GRACE_MILLIS / 250; tick++) {
            publish(Meshes.image(tick, config(TWO), restored, some), false);
        }
        assertThat(delivery.published).isEmpty();

        long grace = ConsumerXdsPublisher.ADDRESS_GRACE_MILLIS / 250;
        publish(Meshes.image(grace + 1, config(TWO), restored, some), false);
        assertThat(weights(delivery.last())).containsExactly(Map.entry("m|a", 1_000_000));
    }

    @Test
    void a_provider_that_only_sidecars_know_the_way_to_keeps_its_share_and_no_endpoints_are_sent() {
        Decision restored = decision(1, TWO, 600_000, 400_000);
        Map<String, List<String>> some = Map.of("a", List.of("127.0.0.1"), "b", List.of());
        long grace = ConsumerXdsPublisher.ADDRESS_GRACE_MILLIS / 250;
        publish(Meshes.image(1, config(TWO), restored, some), false);
        publish(Meshes.image(grace + 1, config(TWO), restored, some), false);

        assertThat(weights(delivery.last())).containsEntry("m|a", 600_000).containsEntry("m|b", 400_000);
        assertThat(clusters(delivery.last())).containsExactly("m|a", "m|b");
        assertThat(delivery.last().endpoints())
                .extracting(ClusterLoadAssignment::getClusterName)
                .containsExactly("m|a");

        publish(Meshes.image(grace + 2, config(ONE), restored, some), false);
        assertThat(clusters(delivery.last())).as("streams there go on").containsExactly("m|a", "m|b");
    }

    @Test
    void a_provider_that_was_never_found_has_no_empty_assignment() {
        Decision decision = decision(1, TWO, 1_000_000, 0);
        publish(Meshes.image(1, config(TWO), decision, Map.of("a", List.of("127.0.0.1"))), true);

        assertThat(weights(delivery.last())).containsExactly(Map.entry("m|a", 1_000_000));
        assertThat(delivery.last().endpoints())
                .allMatch(each -> each.getEndpointsCount() == 1)
                .hasSize(1);
    }

    @Test
    void a_restored_decision_goes_out_with_the_last_address() {
        Decision restored = decision(1, TWO, 600_000, 400_000);
        publish(Meshes.image(1, config(TWO), restored, Map.of("a", List.of("127.0.0.1"))), false);
        publish(Meshes.image(2, config(TWO), restored), false);

        assertThat(delivery.published).hasSize(1);
        assertThat(weights(delivery.last())).containsEntry("m|a", 600_000).containsEntry("m|b", 400_000);
    }

    @Test
    void a_tick_without_news_publishes_nothing() {
        Decision decision = decision(1, ONE, 1_000_000);
        for (long tick = 1; tick <= 20; tick++) {
            publish(Meshes.image(tick, config(ONE), decision), false);
        }
        assertThat(delivery.published).hasSize(1);
    }

    @Test
    void a_weight_push_rebuilds_routes_only() {
        publish(Meshes.image(1, config(TWO), decision(1, TWO, 600_000, 400_000)), true);
        ResourceSet before = delivery.last();
        publish(Meshes.image(2, config(TWO), decision(2, TWO, 300_000, 700_000)), true);
        ResourceSet after = delivery.last();

        assertThat(weights(after)).containsEntry("m|a", 300_000).containsEntry("m|b", 700_000);
        assertThat(after.clusters())
                .usingElementComparator((x, y) -> x == y ? 0 : 1)
                .isEqualTo(before.clusters());
        assertThat(after.endpoints())
                .usingElementComparator((x, y) -> x == y ? 0 : 1)
                .isEqualTo(before.endpoints());
        assertThat(after.listeners())
                .usingElementComparator((x, y) -> x == y ? 0 : 1)
                .isEqualTo(before.listeners());
    }

    @Test
    void an_address_that_changes_changes_its_endpoints_alone() {
        Decision decision = decision(1, TWO, 600_000, 400_000);
        Map<String, List<String>> addresses = new TreeMap<>(Map.of("a", List.of("10.0.0.1"), "b", List.of("10.0.0.2")));
        publish(Meshes.image(1, config(TWO), decision, addresses), true);
        ResourceSet before = delivery.last();
        addresses.put("b", List.of("10.0.0.3", "10.0.0.4"));
        publish(Meshes.image(2, config(TWO), decision, addresses), false);
        ResourceSet after = delivery.last();

        assertThat(delivery.published).hasSize(2);
        assertThat(after.endpoints().get(0)).isSameAs(before.endpoints().get(0));
        ClusterLoadAssignment b = after.endpoints().get(1);
        assertThat(b.getEndpoints(0).getLbEndpointsList())
                .extracting(each ->
                        each.getEndpoint().getAddress().getSocketAddress().getAddress())
                .containsExactly("10.0.0.3", "10.0.0.4");
        assertThat(after.routes()).isEqualTo(before.routes());
    }

    @Test
    void every_profile_is_served_and_one_that_comes_back_again() {
        Decision decision = decision(1, ONE, 1_000_000);
        publish(Meshes.image(1, config(ONE), decision), true);
        SidecarProfile.Consumer late = new SidecarProfile.Consumer("127.0.0.2", 20_000, "late.log");
        publisher.arrived(late);
        publish(Meshes.image(2, config(ONE), decision), false);
        publisher.arrived(late);
        publish(Meshes.image(3, config(ONE), decision), false);

        assertThat(delivery.published)
                .extracting(FakeDelivery.Published::profile)
                .containsExactly(SidecarProfile.Consumer.DEFAULT, late, late);
        assertThat(delivery.last()
                        .listeners()
                        .get(0)
                        .getAddress()
                        .getSocketAddress()
                        .getPortValue())
                .isEqualTo(20_000);
        assertThat(delivery.last().routes())
                .isEqualTo(delivery.published.get(0).resources().routes());
    }

    @Test
    void routes_name_new_clusters_when_the_sidecars_have_them() {
        delivery.acknowledged("s", "1");
        publish(Meshes.image(1, config(ONE), decision(1, ONE, 1_000_000)), true);
        delivery.acknowledged("s", null);
        publish(Meshes.image(2, config(TWO), decision(2, TWO, 500_000, 500_000)), true);
        assertThat(clusters(delivery.last())).containsExactly("m|a", "m|b");
        assertThat(weights(delivery.last())).containsOnlyKeys("m|a");

        publish(Meshes.image(3, config(TWO), decision(3, TWO, 400_000, 600_000)), true);
        assertThat(weights(delivery.last())).containsOnlyKeys("m|a");

        delivery.acknowledged("s", "2");
        publish(Meshes.image(4, config(TWO), decision(3, TWO, 400_000, 600_000)), false);
        assertThat(weights(delivery.last())).containsEntry("m|a", 400_000).containsEntry("m|b", 600_000);
    }

    @Test
    void a_sidecar_that_never_answers_does_not_hold_the_others_up() {
        publish(Meshes.image(1, config(ONE), decision(1, ONE, 1_000_000)), true);
        delivery.acknowledged("s", null);
        Decision decision = decision(2, TWO, 500_000, 500_000);
        publish(Meshes.image(2, config(TWO), decision), true);
        for (long tick = 3; tick < 2 + ConsumerXdsPublisher.CLUSTER_GRACE_MILLIS / 250; tick++) {
            publish(Meshes.image(tick, config(TWO), decision), false);
            assertThat(weights(delivery.last())).containsOnlyKeys("m|a");
        }
        publish(Meshes.image(2 + ConsumerXdsPublisher.CLUSTER_GRACE_MILLIS / 250, config(TWO), decision), false);
        assertThat(weights(delivery.last())).containsOnlyKeys("m|a", "m|b");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 2})
    void a_wall_clock_that_is_set_neither_holds_routes_back_nor_drops_clusters_that_drain(long hours) {
        publish(Meshes.image(1, config(ONE), decision(1, ONE, 1_000_000)), true);
        delivery.acknowledged("s", null);
        Decision decision = decision(2, TWO, 500_000, 500_000);
        publish(Meshes.image(2, config(TWO), decision), true);
        publish(set(Meshes.image(3, config(TWO), decision), hours), false);
        assertThat(weights(delivery.last())).containsOnlyKeys("m|a");
        publish(set(Meshes.image(10, config(TWO), decision), hours), false);
        assertThat(weights(delivery.last())).containsOnlyKeys("m|a", "m|b");

        delivery.acknowledged("s", "1");
        publish(Meshes.image(11, config(ONE), decision(3, ONE, 1_000_000)), true);
        delivery.acknowledged("s", "2");
        publish(set(Meshes.image(12, config(ONE), decision(3, ONE, 1_000_000)), hours), false);
        assertThat(clusters(delivery.last())).contains("m|b");
    }

    @Test
    void a_removed_cluster_stays_until_its_streams_have_ended_and_all_accepted_routes_without_it() {
        delivery.acknowledged("quick", "1");
        delivery.acknowledged("slow", "1");
        publish(Meshes.image(1, config(TWO), decision(1, TWO, 500_000, 500_000)), true);
        Decision after = decision(2, ONE, 1_000_000);
        publish(Meshes.image(2, config(ONE), after), true);
        assertThat(weights(delivery.last())).containsOnlyKeys("m|a");
        assertThat(clusters(delivery.last())).containsExactly("m|a", "m|b");
        assertThat(delivery.last().endpoints()).hasSize(2);

        delivery.acknowledged("quick", "2");
        delivery.acknowledged("slow", "2");
        long drained = 2 + (600_000 + ConsumerXdsPublisher.CLUSTER_GRACE_MILLIS) / 250;
        publish(Meshes.image(drained - 1, config(ONE), after), false);
        assertThat(clusters(delivery.last())).containsExactly("m|a", "m|b");

        delivery.acknowledged("slow", "1");
        publish(Meshes.image(drained, config(ONE), after), false);
        assertThat(clusters(delivery.last())).containsExactly("m|a", "m|b");

        delivery.disconnected("slow");
        publish(Meshes.image(drained + 1, config(ONE), after), false);
        assertThat(clusters(delivery.last())).containsExactly("m|a");
        assertThat(delivery.last().endpoints()).hasSize(1);
    }

    @Test
    void a_cluster_that_comes_back_is_not_retired() {
        publish(Meshes.image(1, config(TWO), decision(1, TWO, 500_000, 500_000)), true);
        publish(Meshes.image(2, config(ONE), decision(2, ONE, 1_000_000)), true);
        Decision again = decision(3, TWO, 500_000, 500_000);
        publish(Meshes.image(3, config(TWO), again), true);
        publish(Meshes.image(100_000, config(TWO), again), false);

        assertThat(clusters(delivery.last())).containsExactly("m|a", "m|b");
        assertThat(weights(delivery.last())).containsOnlyKeys("m|a", "m|b");
    }

    @Test
    void a_pool_without_anybody_sheds_instead_of_having_weights_that_sum_to_0() {
        publish(Meshes.image(1, config(TWO), decision(1, TWO, 0, 0)), true);

        assertThat(weights(delivery.last())).isEmpty();
        assertThat(route(delivery.last()).getDirectResponse().getStatus()).isEqualTo(429);
    }

    /** By it the access log knows that a request was taken in. */
    @Test
    void every_route_has_a_name() {
        Pool path = Meshes.pool("path", new Match.PathPrefix("/x"), "a");
        Pool header = PoolMaker.pool("header", new Match.Header("x-class", "batch"), "a", "b")
                .sticky("x-talk")
                .make();
        Pool governed = PoolMaker.pool("governed", new Match.Model("g"), "a", "b")
                .admission(Admission.governed(Admission.OnUnavailable.OPEN, new Admission.Queue.Provider()))
                .make();
        publish(
                Meshes.image(
                        1,
                        config(ONE, path, header, governed),
                        Meshes.decision(
                                1,
                                Meshes.decided(ONE, 1_000_000),
                                Meshes.decided(path, 1_000_000),
                                Meshes.decided(header, 300_000, 700_000),
                                Meshes.decided(governed, 300_000, 700_000))),
                true);

        assertThat(delivery.last().routes())
                .flatExtracting(RouteConfiguration::getVirtualHostsList)
                .flatExtracting(VirtualHost::getRoutesList)
                .extracting(Route::getName)
                .hasSizeGreaterThan(10)
                .doesNotContain("");
    }

    @Test
    void a_pool_may_be_checked_and_not_picked_for() {
        Admission.Check check = new Admission.Check(Admission.OnUnavailable.CLOSED);
        Pool checked = PoolMaker.pool("checked", new Match.Model("c"), "a", "b")
                .admission(new Admission(Optional.of(check), Optional.empty()))
                .make();
        publish(
                Meshes.image(
                        1,
                        config(ONE, checked),
                        Meshes.decision(1, Meshes.decided(ONE, 1_000_000), Meshes.decided(checked, 300_000, 700_000))),
                true);

        assertThat(delivery.last().routes())
                .flatExtracting(RouteConfiguration::getVirtualHostsList)
                .flatExtracting(VirtualHost::getRoutesList)
                .filteredOn(route -> route.getName().endsWith(":checked"))
                .singleElement()
                .satisfies(route -> {
                    assertThat(route.getTypedPerFilterConfigMap()).containsOnlyKeys("weir.check.provider.closed");
                    assertThat(route.getRoute().getWeightedClusters().getHeaderName())
                            .as("its turn decides, not a pick")
                            .isEqualTo("weir-turn");
                });
        assertThatThrownBy(() -> new Admission(
                        Optional.empty(), Optional.of(new Admission.Pick(new Admission.Queue.Provider()))))
                .hasMessageContaining("expected: both, or a check alone");
    }

    @Test
    void equal_inputs_give_equal_resources() {
        FakeDelivery other = new FakeDelivery();
        ConsumerXdsPublisher replica = new ConsumerXdsPublisher(other, System::nanoTime);
        replica.arrived(SidecarProfile.Consumer.DEFAULT);
        publish(Meshes.image(1, config(ONE), decision(1, ONE, 1_000_000)), true);
        publish(Meshes.image(9, config(TWO), decision(2, TWO, 300_000, 700_000)), true);
        publish(Meshes.image(10, config(TWO), decision(2, TWO, 300_000, 700_000)), false);
        replica.publish(Meshes.image(1, config(TWO), decision(2, TWO, 300_000, 700_000)), true);

        assertThat(delivery.last().clusters()).isEqualTo(other.last().clusters());
        assertThat(delivery.last().endpoints()).isEqualTo(other.last().endpoints());
        assertThat(delivery.last().listeners()).isEqualTo(other.last().listeners());
        assertThat(delivery.last().routes()).isEqualTo(other.last().routes());
        assertThat(delivery.last().table().without(Set.of()))
                .isEqualTo(delivery.last().routes());
        Set<String> absent = Set.of("m|b");
        assertThat(delivery.last().table().without(absent))
                .isEqualTo(other.last().table().without(absent))
                .isNotEqualTo(delivery.last().routes());
    }
}
