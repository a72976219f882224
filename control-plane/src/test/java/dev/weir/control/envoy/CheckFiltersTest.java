package dev.weir.control.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.util.Durations;
import dev.weir.control.model.Admission;
import dev.weir.control.model.Admission.OnUnavailable;
import dev.weir.control.model.Admission.Queue;
import dev.weir.control.model.Config;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.testing.PoolMaker;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.xds.delivery.SidecarProfile;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CheckFiltersTest {
    private static Config config(Admission... admissions) {
        Pool[] pools = new Pool[admissions.length];
        for (int i = 0; i < pools.length; i++) {
            pools[i] = PoolMaker.pool("p" + i, new Match.Model("m" + i), "a")
                    .admission(admissions[i])
                    .make();
        }
        return Meshes.config(Policy.WATER_FILLING, List.of(Meshes.provider("a", 1)), pools);
    }

    private static Admission governed(OnUnavailable onUnavailable, Queue queue) {
        return Admission.governed(onUnavailable, queue);
    }

    @Test
    void a_mesh_without_governed_pools_has_no_filter_more() {
        CheckFilters none = CheckFilters.of(config(Admission.MESH));
        assertThat(none.any()).isFalse();
        assertThat(none.filters()).isEmpty();
        assertThat(ConsumerListener.of(SidecarProfile.Consumer.DEFAULT, none).toString())
                .doesNotContain("weir.check");
    }

    @Test
    void there_is_one_filter_for_each_way_to_ask_and_each_is_off() throws Exception {
        CheckFilters checks = CheckFilters.of(config(
                governed(OnUnavailable.OPEN, new Queue.Provider()),
                governed(OnUnavailable.OPEN, new Queue.Pool(5, Duration.ofSeconds(7))),
                governed(OnUnavailable.OPEN, new Queue.Pool(5, Duration.ofSeconds(9))),
                governed(OnUnavailable.CLOSED, new Queue.Auto())));
        assertThat(checks.ways())
                .containsOnlyKeys(
                        "weir.check.provider.open",
                        "weir.check.pool.open",
                        "weir.check.provider.closed",
                        "weir.check.pool.closed");
        assertThat(checks.filters()).allMatch(filter -> filter.getDisabled());
        for (var filter : checks.filters()) {
            ExtAuthz check = filter.getTypedConfig().unpack(ExtAuthz.class);
            assertThat(check.getFailureModeAllow()).isEqualTo(filter.getName().endsWith(".open"));
            assertThat(check.getFailureModeAllowHeaderAdd())
                    .isEqualTo(filter.getName().equals("weir.check.pool.open"));
            var service = check.getGrpcService();
            if (filter.getName().contains(".provider.")) {
                assertThat(Durations.toMillis(service.getTimeout())).isEqualTo(50);
                assertThat(service.hasRetryPolicy()).isFalse();
            } else {
                long longest = filter.getName().endsWith(".open") ? 9 : 30;
                assertThat(service.getTimeout().getSeconds()).isEqualTo(longest + 5);
                assertThat(service.getRetryPolicy()
                                .getRetryBackOff()
                                .getMaxInterval()
                                .getSeconds())
                        .as("Envoy's time-out of each try")
                        .isGreaterThanOrEqualTo(longest);
            }
        }
    }

    @Test
    void only_where_something_is_held_and_may_go_unchecked_is_there_a_pace() {
        assertThat(paced(governed(OnUnavailable.OPEN, new Queue.Auto()))).isTrue();
        assertThat(paced(governed(OnUnavailable.OPEN, new Queue.Provider()))).isFalse();
        assertThat(paced(governed(OnUnavailable.CLOSED, new Queue.Auto()))).isFalse();
        assertThat(paced(Admission.MESH)).isFalse();
    }

    private static boolean paced(Admission admission) {
        return ConsumerListener.of(SidecarProfile.Consumer.DEFAULT, CheckFilters.of(config(admission)))
                .toString()
                .contains("weir.pace");
    }

    @Test
    void requests_wait_in_the_control_plane_where_they_are_long() {
        assertThat(CheckFilters.waits(new Queue.Auto(), 0.5)).isFalse();
        assertThat(CheckFilters.waits(new Queue.Auto(), 0.51)).isTrue();
        assertThat(CheckFilters.waits(new Queue.Pool(1, Duration.ofSeconds(1)), 0.01))
                .isTrue();
        assertThat(CheckFilters.waits(new Queue.Provider(), 100)).isFalse();
    }

    @Test
    void the_mean_service_time_is_that_of_all_slots_together() {
        Observation observation = new Observation(
                0,
                false,
                List.of(new PoolInput(
                        "p",
                        List.of(
                                new MemberInput("a", 0, 0, 0, 0, false),
                                new MemberInput("b", 0, 0, 0, 0, false),
                                new MemberInput("absent", 0, 0, 0, 0, false)),
                        1,
                        3)),
                List.of(
                        new ProviderInput("a", 10, 4, 0),
                        new ProviderInput("b", 20, 2, 0),
                        new ProviderInput("absent", 0, 9, 0)));
        assertThat(ServiceTimes.of(observation).get("p")).isCloseTo(3 * 6 / 30.0, within(1e-12));
    }
}
