package dev.weir.xds.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.weir.xds.testing.TestResources;
import dev.weir.xds.testing.TestResources.Member;
import io.envoyproxy.controlplane.cache.Resources.ResourceType;
import io.envoyproxy.controlplane.cache.VersionedResource;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class EncoderTest {
    private static final List<Member> MEMBERS =
            List.of(new Member("a", 400_000, 10, 1), new Member("b", 600_000, 20, 2));

    private static ResourceSet set(String epoch) {
        return TestResources.set(SidecarProfile.Consumer.DEFAULT, epoch, MEMBERS);
    }

    private static String version(SidecarSnapshot snapshot, ResourceType type, String name) {
        return resource(snapshot, type, name).version();
    }

    private static VersionedResource<? extends Message> resource(
            SidecarSnapshot snapshot, ResourceType type, String name) {
        return Objects.requireNonNull(snapshot.versionedResources(type).get(name), name);
    }

    @Test
    void equal_content_has_equal_versions_in_any_process_and_again_after_a_revert() {
        Encoder encoder = new Encoder();
        SidecarSnapshot first = encoder.encode(set("1.1"));
        SidecarSnapshot other = encoder.encode(set("1.2"));
        encoder.nextRound();
        SidecarSnapshot again = new Encoder().encode(set("1.1"));
        for (ResourceType type : ResourceType.values()) {
            assertThat(again.version(type, List.of())).isEqualTo(first.version(type, List.of()));
        }
        assertThat(other.version(ResourceType.ROUTE, List.of()))
                .isNotEqualTo(first.version(ResourceType.ROUTE, List.of()));
        assertThat(other.version(ResourceType.CLUSTER, List.of()))
                .isEqualTo(first.version(ResourceType.CLUSTER, List.of()));
        // fixed for ever: another build of the same content must not be sent again after an update
        assertThat(version(first, ResourceType.ROUTE, TestResources.ROUTES)).matches("[0-9a-f]{32}");
    }

    @Test
    void endpoints_change_with_their_cluster_and_with_no_other() {
        ResourceSet before = set("1.1");
        ResourceSet after = new ResourceSet(
                List.of(TestResources.cluster("a", 55), before.clusters().get(1)),
                before.endpoints(),
                before.listeners(),
                before.routes());
        Encoder encoder = new Encoder();
        SidecarSnapshot old = encoder.encode(before);
        SidecarSnapshot now = encoder.encode(after);
        assertThat(version(now, ResourceType.ENDPOINT, "chat|a"))
                .isNotEqualTo(version(old, ResourceType.ENDPOINT, "chat|a"));
        assertThat(version(now, ResourceType.ENDPOINT, "chat|b"))
                .isEqualTo(version(old, ResourceType.ENDPOINT, "chat|b"));
        assertThat(version(now, ResourceType.CLUSTER, "chat|b"))
                .isEqualTo(version(old, ResourceType.CLUSTER, "chat|b"));
    }

    @Test
    void of_a_cluster_without_endpoints_nothing_is_said() {
        ResourceSet set = set("1.1");
        SidecarSnapshot snapshot = new Encoder()
                .encode(new ResourceSet(set.clusters(), set.endpoints().subList(0, 1), set.listeners(), set.routes()));
        assertThat(snapshot.versionedResources(ResourceType.ENDPOINT)).containsOnlyKeys("chat|a");
    }

    @Test
    void a_resource_goes_out_as_it_came_in() throws Exception {
        ResourceSet set = set("1.1");
        Any any = (Any) resource(new Encoder().encode(set), ResourceType.LISTENER, TestResources.LISTENER)
                .resource();
        assertThat(any.unpack(Listener.class)).isEqualTo(set.listeners().get(0));
    }

    @Test
    void an_object_is_encoded_once_while_it_is_in_use() {
        Encoder encoder = new Encoder();
        ResourceSet set = set("1.1");
        Message first = encoded(encoder.encode(set));
        encoder.nextRound();
        assertThat(encoded(encoder.encode(set))).isSameAs(first);
        encoder.nextRound();
        encoder.nextRound();
        assertThat(encoded(encoder.encode(set))).isNotSameAs(first).isEqualTo(first);
    }

    private static Message encoded(SidecarSnapshot snapshot) {
        return resource(snapshot, ResourceType.ROUTE, TestResources.ROUTES).resource();
    }
}
