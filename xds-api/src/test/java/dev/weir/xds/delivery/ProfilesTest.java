package dev.weir.xds.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProfilesTest {
    private final List<SidecarProfile> forgotten = new ArrayList<>();
    private final Profiles profiles = new Profiles(forgotten::add);

    private static SidecarProfile.Consumer profile(int port) {
        return new SidecarProfile.Consumer("127.0.0.1", port, "log");
    }

    private void fill() {
        for (int port = 1; port <= Profiles.MAX; port++) {
            assertThat(profiles.connect(profile(port))).isTrue();
        }
    }

    @Test
    void one_more_than_there_is_room_for_is_refused_while_all_are_connected() {
        fill();
        assertThat(profiles.connect(profile(2_000))).isFalse();
        assertThat(profiles.publish(profile(2_000))).isFalse();
        assertThat(profiles.connect(profile(1))).isTrue();
        assertThat(profiles.publish(profile(1))).isTrue();
        assertThat(forgotten).isEmpty();
    }

    @Test
    void a_profile_without_sidecars_makes_way_and_only_such_a_one() {
        fill();
        profiles.connect(profile(7));
        profiles.disconnect(profile(7));
        assertThat(profiles.connect(profile(2_000))).isFalse();
        profiles.disconnect(profile(7));
        assertThat(profiles.connect(profile(2_000))).isTrue();
        assertThat(forgotten).containsExactly(profile(7));
        assertThat(profiles.connect(profile(7))).isFalse();
    }

    @Test
    void what_was_published_only_makes_way_too() {
        profiles.publish(profile(2_000));
        for (int port = 1; port <= Profiles.MAX; port++) {
            assertThat(profiles.connect(profile(port))).isTrue();
        }
        assertThat(forgotten).containsExactly(profile(2_000));
    }
}
