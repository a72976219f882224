package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.Meshes;
import dev.weir.control.model.Image;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PublishersTest {
    @Test
    void one_that_fails_is_counted_and_those_behind_it_are_served() {
        Pool pool = Meshes.pool("m", new Match.Model("m"), "a");
        Image image = Meshes.image(
                1,
                Meshes.config(Policy.WATER_FILLING, List.of(Meshes.provider("a", 1)), pool),
                Meshes.decision(1, Meshes.decided(pool, 1_000_000)));
        List<Boolean> seen = new ArrayList<>();
        Publishers publishers = new Publishers(List.of(
                (any, released) -> {
                    throw new IllegalStateException("a defect");
                },
                (any, released) -> seen.add(released)));
        publishers.publish(image, true);
        publishers.publish(image, false);
        assertThat(seen).containsExactly(true, false);
        assertThat(publishers.failures()).isEqualTo(2);
    }
}
