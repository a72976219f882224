package dev.weir.xds.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.xds.testing.TestResources;
import dev.weir.xds.testing.TestResources.Member;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What two threads do between each other's steps, step by step. */
final class ClusterOrderTest {
    private final SidecarSnapshot first = snapshot("1", "a");
    private final SidecarSnapshot second = snapshot("2", "a", "b");
    private final Set<String> seen = new HashSet<>();
    private final ClusterOrder order = new ClusterOrder(() -> seen);
    private final List<SidecarSnapshot> left = new ArrayList<>();

    private static SidecarSnapshot snapshot(String epoch, String... members) {
        SidecarProfile.Consumer profile = SidecarProfile.Consumer.DEFAULT;
        return new Encoder()
                .encode(TestResources.set(
                        profile,
                        epoch,
                        Stream.of(members)
                                .map(name -> new Member(name, 1_000_000 / members.length, 10, 1))
                                .toList()));
    }

    private void clusters(SidecarSnapshot snapshot) {
        order.leaving(snapshot);
        seen.clear();
        seen.addAll(snapshot.clusters());
    }

    @Test
    void routes_wait_for_the_answer_to_their_clusters() {
        clusters(first);
        order.after(first, left::add);
        assertThat(left).isEmpty();
        order.received(true);
        order.served();
        assertThat(left).containsExactly(first);
    }

    @Test
    void routes_leave_as_of_the_newest_clusters_that_left_and_not_of_a_push_that_has_only_begun() {
        clusters(first);
        order.after(first, left::add);
        order.received(true);
        // the cache holds the second one from here on, and its clusters are still to leave
        order.served();
        clusters(second);
        assertThat(left).containsExactly(first);
    }

    @Test
    void routes_asked_for_in_the_middle_of_a_push_wait_until_its_clusters_have_left() {
        clusters(first);
        order.received(true);
        order.served();
        order.after(second, left::add);
        assertThat(left).isEmpty();
        clusters(second);
        order.received(true);
        order.served();
        assertThat(left).containsExactly(second);
    }

    @Test
    void routes_that_waited_while_newer_clusters_left_are_the_newer_ones() {
        clusters(second);
        order.after(second, left::add);
        order.received(true);
        clusters(first);
        order.served();
        assertThat(left).isEmpty();
        order.received(true);
        order.served();
        assertThat(left).containsExactly(first);
    }
}
