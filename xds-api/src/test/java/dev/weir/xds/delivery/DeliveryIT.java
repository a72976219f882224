package dev.weir.xds.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.xds.testing.EnvoyProcess;
import dev.weir.xds.testing.TestControlPlane;
import dev.weir.xds.testing.TestResources;
import dev.weir.xds.testing.TestResources.Member;
import dev.weir.xds.testing.TestSidecar;
import io.envoyproxy.controlplane.cache.Resources;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Delivery to real sidecars, which refuse every field that they do not know. */
final class DeliveryIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Member A = new Member("a", 400_000, 10, 1);
    private static final Member B = new Member("b", 600_000, 20, 2);

    @TempDir
    Path directory;

    private final List<EnvoyProcess> envoys = new ArrayList<>();
    private final SidecarProfile.Consumer profile = profile();
    private TestControlPlane control = new TestControlPlane(0);

    @AfterEach
    void stop() {
        envoys.forEach(EnvoyProcess::close);
        control.close();
    }

    @Test
    void a_sidecar_gets_everything_and_only_changes_later() {
        control.delivery().publish(profile, TestResources.set(profile, "1.1", List.of(A, B)));
        EnvoyProcess envoy = start("one", profile);
        awaitReady(envoy);
        assertThat(envoy.configDump())
                .contains("chat|a", "chat|b", "\"price_epoch\": 7", "\"epoch\": \"1.1\"", "\"weight\": 600000");
        awaitAcknowledged("one", 1, 1, 1, 1);
        assertThat(control.events().events("connected")).containsExactly("connected one " + profile.listenPort());

        control.delivery().publish(profile, TestResources.set(profile, "1.2", List.of(A, B)));
        await().atMost(LONG).until(() -> envoy.configDump().contains("\"epoch\": \"1.2\""));
        awaitAcknowledged("one", 1, 1, 1, 2);
        assertThat(envoy.stat("http.agents.rds.pools.config_reload")).isEqualTo(2);
        assertThat(envoy.stat("cluster_manager.cluster_modified")).isZero();

        // equal content, built anew, is nothing new
        control.delivery().publish(profile, TestResources.set(profile, "1.2", List.of(A, B)));
        control.delivery().publish(profile, TestResources.set(profile, "1.3", List.of(A, B)));
        await().atMost(LONG).until(() -> envoy.configDump().contains("\"epoch\": \"1.3\""));
        awaitAcknowledged("one", 1, 1, 1, 3);

        envoy.terminate();
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(control.events().events("disconnected")).containsExactly("disconnected one"));
        assertThat(control.delivery().sidecars()).isEmpty();
    }

    @Test
    void a_changed_cluster_is_in_force_long_before_envoy_would_give_up_waiting_for_its_endpoints() {
        ResourceSet before = TestResources.set(profile, "1.1", List.of(A, B));
        control.delivery().publish(profile, before);
        EnvoyProcess envoy = start("one", profile);
        awaitReady(envoy);
        awaitAcknowledged("one", 1, 1, 1, 1);

        control.delivery()
                .publish(
                        profile,
                        new ResourceSet(
                                List.of(
                                        TestResources.cluster("a", 55),
                                        before.clusters().get(1)),
                                before.endpoints(),
                                before.listeners(),
                                before.routes()));
        // the stall is 15 s, a poll's resolution is the rest
        await().atMost(Duration.ofSeconds(10))
                .until(() -> envoy.stat("cluster_manager.cluster_modified") == 1
                        && envoy.stat("cluster_manager.warming_clusters") == 0
                        && envoy.admin("/clusters").contains("chat|a::default_priority::max_requests::55"));
        awaitAcknowledged("one", 2, 2, 1, 1);
    }

    @Test
    void changes_in_quick_succession_neither_stall_nor_get_refused() {
        control.delivery().publish(profile, TestResources.set(profile, "1.1", List.of(A, B)));
        EnvoyProcess envoy = start("one", profile);
        awaitReady(envoy);
        List<Member> members = new ArrayList<>(List.of(A));
        for (int i = 0; i < 40; i++) {
            // a new provider, and another breaker for an old one
            members.add(new Member("m" + i, 1_000, 10, 1));
            String epoch = "2." + i;
            ResourceSet set = TestResources.set(profile, epoch, members);
            List<Cluster> clusters = new ArrayList<>(set.clusters());
            clusters.set(0, TestResources.cluster("a", 100 + i));
            control.delivery()
                    .publish(profile, new ResourceSet(clusters, set.endpoints(), set.listeners(), set.routes()));
            if (i % 4 == 0) {
                // the next ones meet it half done; had a cluster to wait for its endpoints in vain, it would be 15 s
                await().pollInterval(Duration.ofMillis(1))
                        .atMost(Duration.ofSeconds(10))
                        .until(() -> envoy.configDump().contains("\"epoch\": \"" + epoch + "\""));
            }
        }
        await().atMost(Duration.ofSeconds(10))
                .until(() -> envoy.configDump().contains("\"epoch\": \"2.39\"")
                        && envoy.stat("cluster_manager.warming_clusters") == 0
                        && envoy.admin("/clusters").contains("chat|a::default_priority::max_requests::139"));
        assertThat(envoy.configDump()).contains("chat|m39").doesNotContain("chat|b");
        assertThat(control.events().events("refused")).isEmpty();
    }

    @Test
    void a_restarted_control_plane_sends_nothing_that_a_sidecar_has_and_takes_back_what_is_gone() {
        control.delivery().publish(profile, TestResources.set(profile, "1.1", List.of(A, B)));
        EnvoyProcess envoy = start("one", profile);
        awaitReady(envoy);
        awaitAcknowledged("one", 1, 1, 1, 1);

        restart();
        control.delivery().publish(profile, TestResources.set(profile, "1.1", List.of(A, B)));
        awaitSubscribed("one");
        // a later change goes out, and nothing went before it
        control.delivery().publish(profile, TestResources.set(profile, "1.2", List.of(A, B)));
        await().atMost(LONG).until(() -> envoy.configDump().contains("\"epoch\": \"1.2\""));
        awaitAcknowledged("one", 0, 0, 0, 1);

        restart();
        awaitSubscribed("one");
        // the sidecar waits already when the first resources come, and one of its clusters is not among them
        control.delivery().publish(profile, TestResources.set(profile, "1.3", List.of(A)));
        await().atMost(LONG).until(() -> !envoy.configDump().contains("chat|b"));
        assertThat(envoy.configDump()).contains("chat|a");
    }

    @Test
    void a_refused_first_version_is_refused_once_and_mended_at_once() {
        control.delivery().publish(profile, broken("1.1"));
        EnvoyProcess envoy = start("one", profile);
        await().atMost(LONG)
                .until(() -> state("one", Resources.V3.ROUTE_TYPE_URL).refused() == 1);
        // others go on meanwhile: had the refused one been sent again, it would have been counted by now
        control.delivery().publish(profile, broken("1.1", TestResources.cluster("a", 55)));
        await().atMost(LONG)
                .until(() -> state("one", Resources.V3.ENDPOINT_TYPE_URL).acknowledged() == 2);
        SidecarView.TypeState refused = state("one", Resources.V3.ROUTE_TYPE_URL);
        assertThat(refused.sent()).isEqualTo(1);
        assertThat(refused.acknowledgedVersion()).isEmpty();
        assertThat(refused.refusedVersion()).isNotEmpty();
        assertThat(refused.refusal()).contains("nope");
        assertThat(control.events().events("refused one RouteConfiguration")).hasSize(1);

        control.delivery().publish(profile, TestResources.set(profile, "1.2", List.of(A, B)));
        awaitReady(envoy);
        await().atMost(LONG)
                .until(() -> state("one", Resources.V3.ROUTE_TYPE_URL).acknowledged() == 1);
        assertThat(state("one", Resources.V3.ROUTE_TYPE_URL).refusedVersion()).isEmpty();
    }

    @Test
    void a_refused_change_leaves_the_version_before_in_force() {
        control.delivery().publish(profile, TestResources.set(profile, "1.1", List.of(A, B)));
        EnvoyProcess envoy = start("one", profile);
        awaitReady(envoy);
        awaitAcknowledged("one", 1, 1, 1, 1);
        String good = state("one", Resources.V3.ROUTE_TYPE_URL).acknowledgedVersion();

        control.delivery().publish(profile, broken("1.2"));
        await().atMost(LONG)
                .until(() -> state("one", Resources.V3.ROUTE_TYPE_URL).refused() == 1);
        assertThat(state("one", Resources.V3.ROUTE_TYPE_URL).acknowledgedVersion())
                .isEqualTo(good);
        assertThat(envoy.configDump()).contains("\"epoch\": \"1.1\"");

        control.delivery().publish(profile, TestResources.set(profile, "1.3", List.of(A, B)));
        await().atMost(LONG).until(() -> envoy.configDump().contains("\"epoch\": \"1.3\""));
        assertThat(state("one", Resources.V3.ROUTE_TYPE_URL).sent()).isEqualTo(3);
    }

    @Test
    void several_sidecars_of_several_profiles_get_their_own_listener() {
        SidecarProfile.Consumer other = profile();
        control.delivery().publish(profile, TestResources.set(profile, "1.1", List.of(A, B)));
        EnvoyProcess one = start("one", profile);
        EnvoyProcess two = start("two", other);
        awaitReady(one);
        // nothing was published for the second one's profile yet: it waits
        await().atMost(LONG).until(() -> control.delivery().sidecars().size() == 2);
        assertThat(two.isReady()).isFalse();
        assertThat(state("two", Resources.V3.CLUSTER_TYPE_URL).sent()).isZero();

        control.delivery().publish(other, TestResources.set(other, "1.1", List.of(A, B)));
        awaitReady(two);
        assertThat(one.listenerPort(TestResources.LISTENER)).isEqualTo(profile.listenPort());
        assertThat(two.listenerPort(TestResources.LISTENER)).isEqualTo(other.listenPort());
        assertThat(control.delivery().sidecars())
                .extracting(SidecarView::profile)
                .containsExactlyInAnyOrder(profile, other);
    }

    private static SidecarProfile.Consumer profile() {
        return new SidecarProfile.Consumer("127.0.0.1", EnvoyProcess.freePort(), "weir-access.log");
    }

    private EnvoyProcess start(String node, SidecarProfile.Consumer of) {
        try {
            EnvoyProcess envoy =
                    TestSidecar.start(Files.createDirectory(directory.resolve(node)), node, of, control.port());
            envoys.add(envoy);
            return envoy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void restart() {
        int port = control.port();
        control.close();
        control = new TestControlPlane(port);
    }

    private static void awaitReady(EnvoyProcess envoy) {
        await().atMost(LONG).until(envoy::isReady);
    }

    /** The routes are asked for last, and by a sidecar that has listeners. */
    private void awaitSubscribed(String node) {
        await().atMost(LONG)
                .until(() -> control.delivery().sidecars().stream()
                        .anyMatch(view -> view.node().equals(node)
                                && view.types()
                                        .keySet()
                                        .containsAll(List.of(
                                                Resources.V3.CLUSTER_TYPE_URL,
                                                Resources.V3.ENDPOINT_TYPE_URL,
                                                Resources.V3.LISTENER_TYPE_URL,
                                                Resources.V3.ROUTE_TYPE_URL))));
    }

    private void awaitAcknowledged(String node, long clusters, long endpoints, long listeners, long routes) {
        await().atMost(LONG).untilAsserted(() -> {
            assertCounts(Resources.V3.CLUSTER_TYPE_URL, node, clusters);
            assertCounts(Resources.V3.ENDPOINT_TYPE_URL, node, endpoints);
            assertCounts(Resources.V3.LISTENER_TYPE_URL, node, listeners);
            assertCounts(Resources.V3.ROUTE_TYPE_URL, node, routes);
        });
    }

    private void assertCounts(String typeUrl, String node, long responses) {
        SidecarView.TypeState state = state(node, typeUrl);
        assertThat(state.sent()).as(typeUrl).isEqualTo(responses);
        assertThat(state.acknowledged()).as(typeUrl).isEqualTo(responses);
        assertThat(state.refused()).as(typeUrl).isZero();
    }

    private SidecarView.TypeState state(String node, String typeUrl) {
        return control.state(node, typeUrl);
    }

    /** Routes to a cluster that there is not. */
    private ResourceSet broken(String epoch, Cluster... changed) {
        ResourceSet set = TestResources.set(profile, epoch, List.of(A, B));
        return new ResourceSet(
                changed.length == 0
                        ? set.clusters()
                        : List.of(changed[0], set.clusters().get(1)),
                set.endpoints(),
                set.listeners(),
                List.of(TestResources.routes(epoch, List.of(A, new Member("nope", 600_000, 20, 2)))));
    }
}
