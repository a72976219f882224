package dev.weir.sim.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.sim.Arrivals;
import dev.weir.sim.Law;
import dev.weir.sim.Meshes;
import dev.weir.sim.Result;
import dev.weir.sim.Scenario;
import dev.weir.sim.Scenario.Abandoned;
import dev.weir.sim.Scenario.Change;
import dev.weir.sim.Scenario.Kind;
import dev.weir.sim.Scenario.Pool;
import dev.weir.sim.Scenario.Provider;
import dev.weir.sim.Scenario.Transport;
import dev.weir.sim.Span;
import dev.weir.sim.policy.JsqPolicy;
import dev.weir.sim.policy.PooledQueue;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The engine against closed formulas of queueing theory. */
final class SimulationTest {
    private static final long SEED = 11;

    @Test
    void one_server_with_exponential_sizes_waits_as_long_as_the_formula_says() {
        Result result = run(Meshes.onePool("M/M/1", List.of(Provider.honest("p", 1, 0.01)), 0.8, 1), 6000);
        // W_q = rho / (mu - lambda), 99th percentile of the response -ln(.01) / (mu - lambda)
        assertThat(result.whole().waiting().mean()).isCloseTo(0.8 / 20, within(0.003));
        assertThat(result.whole().response().p99()).isCloseTo(4.605 / 20, within(0.016));
        assertThat(result.whole().requests()).isBetween(475_000L, 485_000L);
        assertThat(result.whole().unfinished()).isZero();
    }

    @Test
    void one_server_waits_by_pollaczek_and_khinchine_for_other_sizes() {
        Scenario one = Meshes.onePool("M/G/1", List.of(Provider.honest("p", 1, 0.01)), 0.7, 1);
        double exponential = 0.7 / 30;
        assertThat(run(one.withLaw(Law.DETERMINISTIC), 6000).whole().waiting().mean())
                .isCloseTo(exponential / 2, within(0.0010));
        assertThat(run(one.withLaw(Law.lognormal(4)), 20_000).whole().waiting().mean())
                .isCloseTo(exponential * 2.5, within(0.006));
    }

    @Test
    void several_slots_wait_by_erlang_c() {
        Result result = run(Meshes.onePool("M/M/4", List.of(Provider.honest("p", 4, 0.04)), 0.9, 1), 12_000);
        // Erlang C for 4 servers at rho = .9 is .7878; W_q = C / (c mu - lambda)
        assertThat(result.whole().waiting().mean()).isCloseTo(0.7878 / 10, within(0.008));
    }

    @Test
    void pooling_beats_a_queue_per_provider_in_the_tail_of_heavy_sizes() {
        Scenario five = Meshes.five(0.9, 1).withLaw(Law.lognormal(4));
        double separate = run(five, JsqPolicy::new, 3000).whole().waiting().p99();
        double pooled =
                run(five, w -> new PooledQueue(w, 0, 0), 3000).whole().waiting().p99();
        assertThat(pooled).isLessThan(0.97 * separate);
    }

    @Test
    void two_policies_see_the_same_requests_and_a_seed_gives_the_same_run() {
        Scenario five = Meshes.five(0.7, 3);
        Result least = run(five, JsqPolicy::new, 100);
        assertThat(run(five, JsqPolicy::new, 100)).isEqualTo(least);
        Result first = run(five, w -> first(), 100);
        assertThat(first.whole().requests()).isEqualTo(least.whole().requests());
    }

    @Test
    void bursts_keep_the_mean_rate() {
        Pool pool = new Pool("a", List.of(0), 100, new Arrivals.OnOff(10, 0.5, 0.1, 0.2));
        Scenario scenario = new Scenario(
                "bursts",
                List.of(Provider.honest("p", 100, 0.01)),
                List.of(pool),
                1,
                Law.DETERMINISTIC,
                Transport.PLAIN,
                List.of());
        assertThat((double) run(scenario, 4000).whole().requests()).isCloseTo(400_000, within(12_000.0));
    }

    @Test
    void a_stalled_provider_goes_on_where_it_stood_and_a_lost_queue_times_out() {
        Scenario one = Meshes.onePool("one", List.of(Provider.honest("p", 1, 1)), 0.2, 1)
                .withLaw(Law.DETERMINISTIC);
        List<Change> stall = List.of(new Change(50, Kind.SPEED, 0, 0), new Change(60, Kind.SPEED, 0, 1));
        Result stalled = run(one.withChanges(stall), 100);
        assertThat(stalled.whole().failed()).isZero();
        assertThat(stalled.whole().response().p99()).isGreaterThan(9);

        List<Change> death = List.of(
                new Change(50, Kind.SPEED, 0, 0), new Change(59.9, Kind.LOSE, 0, 0), new Change(60, Kind.SPEED, 0, 1));
        Transport impatient = new Transport(30, 0, 0.001, Double.POSITIVE_INFINITY, Abandoned.CANCELLED);
        Result dead = run(one.withChanges(death).withTransport(impatient), 100);
        assertThat(dead.whole().failed()).isPositive().isEqualTo(dead.whole().timeouts());
        assertThat(dead.whole().unfinished()).isZero();
        assertThat(dead.whole().requests() + dead.whole().failed())
                .isEqualTo(stalled.whole().requests());
    }

    @Test
    void a_refusing_provider_fails_fast_and_the_other_one_serves_the_retry() {
        Scenario two = Meshes.onePool(
                        "two", List.of(Provider.honest("a", 4, 0.01), Provider.honest("b", 4, 0.01)), 0.2, 1)
                .withChanges(List.of(new Change(0, Kind.REFUSE, 0, 1)));
        Result result = run(two, w -> first(), 100);
        assertThat(result.whole().failed()).isZero();
        assertThat(result.whole().retriesPerRequest()).isEqualTo(1);
        assertThat(result.whole().attempts().get(0))
                .isEqualTo(result.whole().attempts().get(1));
    }

    @Test
    void time_outs_of_waiting_and_running_attempts_free_what_they_held() {
        Scenario one = Meshes.onePool("one", List.of(Provider.honest("p", 2, 0.1)), 1.5, 1);
        for (Abandoned fate : Abandoned.values()) {
            Transport impatient = new Transport(0.5, 0, 0.001, Double.POSITIVE_INFINITY, fate);
            Result result = run(one.withTransport(impatient), 200);
            assertThat(result.whole().response().p99()).isLessThanOrEqualTo(0.501);
            assertThat(result.whole().failed())
                    .isEqualTo(result.whole().timeouts())
                    .isPositive();
            assertThat(result.whole().unfinished()).isZero();
        }
    }

    @Test
    void a_standing_overload_shows_as_a_slope() {
        Result result = run(Meshes.onePool("over", List.of(Provider.honest("p", 1, 0.01)), 1.2, 1), 200);
        assertThat(result.backlogSlope()).isCloseTo(20, within(4.0));
        assertThat(result.whole().unfinished()).isZero();
    }

    private static Result run(Scenario scenario, double seconds) {
        return run(scenario, w -> first(), seconds);
    }

    private static Result run(Scenario scenario, Policy.Factory policy, double seconds) {
        return new Simulation(scenario, policy, SEED, seconds, List.of(new Span("all", 0, seconds))).run();
    }

    /** The first provider, and after a failure the second. */
    private static Policy first() {
        return new Policy() {
            @Override
            public int pick(int pool, int sidecar) {
                return 0;
            }

            @Override
            public int pickAgain(int pool, int sidecar, int failed) {
                return failed == 0 ? 1 : 0;
            }
        };
    }
}
