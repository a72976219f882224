package dev.weir.control.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.loop.ControlLoop.Result;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Declaration;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Provider;
import dev.weir.control.testing.Configs;
import dev.weir.control.testing.ProviderMaker;
import dev.weir.weights.Proposal;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.telemetry.LoadReport;
import dev.weir.xds.telemetry.LoadReport.ClusterLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Simulated time throughout: a tick is 250 ms. */
final class ControlLoopTest {
    private static final long TICK = 250_000_000L;
    private final Inbox inbox = new Inbox(1000);
    private Config config = Configs.of("p", "q");
    private long now;

    private ControlLoop loop(long term, Optional<Decision> restored) {
        return new ControlLoop(inbox, config, term, restored, List.of(), now, () -> now / 1_000_000);
    }

    private Result tick(ControlLoop loop) {
        now += TICK;
        return loop.tick(now);
    }

    private void known() {
        inbox.offer(new Event.Declared(FileDeclarations.of(config, 1)));
        inbox.offer(new Event.Resolved(
                Map.of("p.example", List.of("127.0.0.1"), "q.example", List.of("127.0.0.2"), "s", List.of("127.0.0.3")),
                true));
    }

    private void load(String node, long p, long q) {
        inbox.offer(new Event.Load(new LoadReport(
                node,
                now,
                List.of(new ClusterLoad("m|p", p, 10, 0, 0, TICK), new ClusterLoad("m|q", q, 10, 0, 0, TICK)))));
    }

    private void completions(String provider, int n) {
        List<dev.weir.xds.telemetry.AccessRecord> records = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            records.add(
                    CompletionCountsTest.record(Kind.ATTEMPT, now + "-" + provider + i, 1, provider, 200, "", null));
        }
        inbox.offer(new Event.Records(records));
    }

    private static Map<String, Integer> weights(Result result) {
        Map<String, Integer> weights = new java.util.TreeMap<>();
        Decision decision = result.image().decision().orElseThrow();
        for (Proposal.Member member : decision.proposal().pools().get(0).members()) {
            weights.put(member.provider(), member.weight());
        }
        return weights;
    }

    @Test
    void nothing_goes_out_before_declarations_and_addresses_are_known() {
        ControlLoop loop = loop(1, Optional.empty());
        assertThat(tick(loop).image().decision()).isEmpty();
        inbox.offer(new Event.Declared(FileDeclarations.of(config, 1)));
        assertThat(tick(loop).released()).isFalse();
        known();
        Result first = tick(loop);
        assertThat(first.released()).isTrue();
        assertThat(first.image().decision().orElseThrow().epoch()).isEqualTo(new Epoch(1, 1));
        assertThat(weights(first)).containsEntry("p", 500_000).containsEntry("q", 500_000);
    }

    @Test
    void a_provider_without_an_address_gets_nothing() {
        ControlLoop loop = loop(1, Optional.empty());
        inbox.offer(new Event.Declared(FileDeclarations.of(config, 1)));
        inbox.offer(new Event.Resolved(Map.of("p.example", List.of("127.0.0.1")), true));
        assertThat(weights(tick(loop))).containsEntry("p", 1_000_000);
    }

    private Config draining(String... names) {
        Map<String, Provider> providers = new java.util.TreeMap<>(config.providers());
        providers.replaceAll((name, each) ->
                ProviderMaker.like(each).drain(List.of(names).contains(name)).make());
        return new Config(config.mesh(), providers, config.pools());
    }

    private static String reason(Result result, String provider) {
        return result.image().proposal().provider(provider).orElseThrow().reason();
    }

    @Test
    void a_provider_that_drains_gets_no_new_calls_and_says_what_is_left_there() {
        ControlLoop loop = loop(1, Optional.empty());
        known();
        tick(loop);
        load("s", 7, 1);
        tick(loop);
        inbox.offer(new Event.Configured(draining("p")));

        Result drains = tick(loop);
        assertThat(drains.released()).isTrue();
        assertThat(weights(drains)).containsEntry("p", 0).containsEntry("q", 1_000_000);
        assertThat(reason(drains, "p")).isEqualTo("draining, 7 in flight: gets no new calls");
        assertThat(drains.image().addresses()).as("calls that go on need them").containsKey("p");

        load("s", 0, 1);
        assertThat(reason(tick(loop), "p")).contains("draining, 0 in flight", "may be taken out");

        inbox.offer(new Event.Configured(draining("p", "q")));
        assertThat(weights(tick(loop))).containsEntry("p", 0).containsEntry("q", 0);

        inbox.offer(new Event.Configured(draining()));
        assertThat(weights(tick(loop)).get("p")).isPositive();
    }

    @Test
    void a_drain_outlives_a_restart() {
        config = draining("p");
        ControlLoop first = loop(1, Optional.empty());
        known();
        Decision inForce = tick(first).image().decision().orElseThrow();

        ControlLoop second = loop(2, Optional.of(inForce));
        known();
        for (int i = 0; i < 40; i++) {
            assertThat(weights(tick(second))).containsEntry("p", 0).containsEntry("q", 1_000_000);
        }
    }

    private static Config moved(Config from, String name, String host) {
        Map<String, Provider> providers = new java.util.TreeMap<>(from.providers());
        Provider p = java.util.Objects.requireNonNull(providers.get(name));
        providers.put(name, ProviderMaker.like(p).host(host).make());
        return new Config(from.mesh(), providers, from.pools());
    }

    @Test
    void a_provider_that_had_traffic_is_not_gone_because_name_service_is() {
        ControlLoop first = loop(1, Optional.empty());
        known();
        Decision inForce = tick(first).image().decision().orElseThrow();

        ControlLoop second = loop(2, Optional.of(inForce));
        inbox.offer(new Event.Declared(FileDeclarations.of(config, 1)));
        inbox.offer(new Event.Resolved(Map.of("q.example", List.of("127.0.0.2")), true));
        Image image = tick(second).image();
        for (int i = 0; i < 60; i++) { // past the hold for load reports
            if (i == 30) {
                inbox.offer(new Event.Configured(moved(config, "p", "elsewhere.example")));
            }
            Result result = tick(second);
            image = result.image();
            assertThat(image.addresses()).containsEntry("p", List.of()).containsEntry("q", List.of("127.0.0.2"));
            assertThat(image.proposal().release().causes()).doesNotContain(Proposal.Cause.HEALTH);
            assertThat(weights(result)).containsEntry("p", 500_000);
        }

        assertThat(image.config()).as("neither host is known").isEqualTo(config);
        inbox.offer(new Event.Resolved(Map.of("elsewhere.example", List.of("127.0.0.3")), false));
        assertThat(tick(second).image().addresses()).containsEntry("p", List.of("127.0.0.3"));
    }

    @Test
    void one_that_had_none_waits_for_its_address() {
        ControlLoop first = loop(1, Optional.empty());
        known();
        Decision inForce = tick(first).image().decision().orElseThrow();

        config = Configs.of("p", "q", "r");
        ControlLoop second = loop(2, Optional.of(inForce));
        known();
        Result result = tick(second);
        for (int i = 0; i < 40; i++) {
            load("a", 4, 4);
            result = tick(second);
        }
        assertThat(result.image().addresses()).containsOnlyKeys("p", "q");
        assertThat(weights(result)).containsEntry("r", 0);
        inbox.offer(new Event.Resolved(Map.of("r.example", List.of("127.0.0.3")), false));
        assertThat(weights(tick(second)).get("r")).isPositive();
    }

    @Test
    void what_was_found_before_its_configuration_came_counts() {
        ControlLoop loop = loop(1, Optional.empty());
        known();
        tick(loop);
        Config next = Configs.of("p", "q", "r");
        inbox.offer(new Event.Resolved(Map.of("r.example", List.of("127.0.0.3")), false));
        tick(loop);
        inbox.offer(new Event.Declared(FileDeclarations.of(next, 1)));
        inbox.offer(new Event.Configured(next));
        Result result = tick(loop);
        assertThat(result.image().addresses()).containsEntry("r", List.of("127.0.0.3"));
        assertThat(weights(result).get("r")).isPositive();
    }

    @Test
    void a_provider_that_moves_stays_until_its_new_host_is_found() {
        ControlLoop loop = loop(1, Optional.empty());
        known();
        tick(loop);
        Config next = moved(config, "p", "elsewhere.example");
        inbox.offer(new Event.Configured(next));
        Result waiting = tick(loop);
        assertThat(waiting.image().config()).isEqualTo(config);
        assertThat(waiting.image().addresses()).containsEntry("p", List.of("127.0.0.1"));
        assertThat(waiting.released()).isFalse();

        inbox.offer(new Event.Resolved(Map.of("elsewhere.example", List.of("127.0.0.3")), false));
        Result there = tick(loop);
        assertThat(there.image().config()).isEqualTo(next);
        assertThat(there.image().addresses()).containsEntry("p", List.of("127.0.0.3"));
    }

    @Test
    void backlog_moves_the_split_and_each_release_has_the_next_epoch() {
        ControlLoop loop = loop(3, Optional.empty());
        known();
        tick(loop);
        Result last = null;
        Epoch before = new Epoch(3, 1);
        for (int i = 0; i < 20; i++) {
            load("a", 60, 4);
            completions("p", 10);
            completions("q", 10);
            last = tick(loop);
            Epoch epoch = last.image().decision().orElseThrow().epoch();
            assertThat(epoch).isEqualTo(last.released() ? before.next() : before);
            before = epoch;
        }
        assertThat(weights(java.util.Objects.requireNonNull(last)).get("p")).isLessThan(400_000);
    }

    @Test
    void constant_telemetry_at_rest_releases_nothing_however_long() {
        ControlLoop loop = loop(1, Optional.empty());
        known();
        for (int i = 0; i < 240; i++) { // a minute to settle
            load("a", 1, 1);
            completions("p", 10);
            completions("q", 10);
            tick(loop);
        }
        int released = 0;
        for (int i = 0; i < 4 * 3600; i++) { // an hour
            load("a", 1, 1);
            completions("p", 10);
            completions("q", 10);
            released += tick(loop).released() ? 1 : 0;
        }
        assertThat(released).isZero();
    }

    @Test
    void a_restarted_loop_keeps_the_decision_in_force_until_its_sidecars_have_reported() {
        ControlLoop first = loop(1, Optional.empty());
        known();
        Decision inForce = tick(first).image().decision().orElseThrow();

        ControlLoop second = loop(2, Optional.of(inForce));
        known();
        inbox.offer(new Event.Connection("a", true));
        for (int i = 0; i < 10; i++) {
            Result result = tick(second);
            assertThat(result.released()).isFalse();
            assertThat(result.image().decision()).contains(inForce);
        }
        for (int i = 0; i < 40; i++) {
            load("a", 90, 4);
            completions("q", 10);
            tick(second);
        }
        load("a", 90, 4);
        Decision later = tick(second).image().decision().orElseThrow();
        assertThat(later.epoch()).isGreaterThan(inForce.epoch());
        assertThat(later.epoch().term()).isEqualTo(2);
    }

    @Test
    void capacities_of_an_earlier_process_stand_while_the_source_has_confirmed_nothing() {
        ControlLoop first = loop(1, Optional.empty());
        known();
        Decision inForce = tick(first).image().decision().orElseThrow();

        ControlLoop second = loop(2, Optional.of(inForce));
        inbox.offer(
                new Event.Resolved(Map.of("p.example", List.of("127.0.0.1"), "q.example", List.of("127.0.0.2")), true));
        inbox.offer(new Event.Declared(
                new Declarations("chain", Map.of(), Optional.empty(), 0, Optional.of("connection refused"))));
        Result result = null;
        for (int i = 0; i < 60; i++) {
            result = tick(second);
        }
        Result last = java.util.Objects.requireNonNull(result);
        assertThat(weights(last)).containsEntry("p", 500_000).containsEntry("q", 500_000);
        assertThat(last.image().declarations().problem()).contains("connection refused");
        assertThat(last.image().declarations().byProvider()).containsOnlyKeys("p", "q");
    }

    @Test
    void a_provider_that_vanishes_from_the_configuration_leaves_the_split() {
        ControlLoop loop = loop(1, Optional.empty());
        known();
        tick(loop);
        load("a", 4, 4);
        inbox.offer(new Event.Configured(Configs.of("q")));
        Result result = tick(loop);
        assertThat(result.released()).isTrue();
        assertThat(weights(result)).containsExactly(Map.entry("q", 1_000_000));
    }

    @Test
    void demand_of_a_checked_pool_is_what_was_asked_for() {
        ControlLoop loop = loop(1, Optional.empty());
        known();
        tick(loop);
        double demand = 0;
        for (int i = 0; i < 80; i++) {
            load("a", 1, 1); // 10 issued at each
            inbox.offer(new Event.Checks(Map.of("m", 15L)));
            inbox.offer(new Event.Checks(Map.of("m", 15L, "gone", 7L)));
            demand = tick(loop).image().proposal().pools().get(0).demand();
        }
        assertThat(demand).as("30 per 250 ms, 10 of them shed").isBetween(110.0, 130.0);
        for (int i = 0; i < 160; i++) {
            load("a", 1, 1);
            demand = tick(loop).image().proposal().pools().get(0).demand();
        }
        assertThat(demand).as("nobody checks any more").isBetween(70.0, 90.0);
    }

    @Test
    void retries_are_not_demand() {
        ControlLoop loop = loop(1, Optional.empty());
        known();
        tick(loop);
        double demand = 0;
        for (int i = 0; i < 80; i++) {
            load("a", 1, 1); // 10 issued at each
            List<dev.weir.xds.telemetry.AccessRecord> records = new ArrayList<>();
            for (int k = 0; k < 10; k++) {
                records.add(CompletionCountsTest.record(Kind.ATTEMPT, now + "-" + k, 1, "p", 503, "", null));
                records.add(CompletionCountsTest.record(Kind.ATTEMPT, now + "-" + k, 2, "q", 200, "", null));
            }
            inbox.offer(new Event.Records(records));
            demand = tick(loop).image().proposal().pools().get(0).demand();
        }
        assertThat(demand).isBetween(36.0, 44.0); // 10 per 250 ms, not 20
    }

    @Test
    void nobody_is_trusted_with_more_than_its_stake_stands_for() {
        ControlLoop loop = loop(1, Optional.empty());
        known();
        Declaration honest =
                new Declaration("p", 100, 4, List.of(), Optional.of("100"), Optional.of(100.0), Optional.empty());
        Declaration liar =
                new Declaration("q", 1e9, 1_000_000, List.of(), Optional.of("10"), Optional.of(10.0), Optional.empty());
        inbox.offer(new Event.Declared(
                new Declarations("chain", Map.of("p", honest, "q", liar), Optional.empty(), 1, Optional.empty())));
        Result result = tick(loop);
        for (int i = 0; i < 20; i++) {
            load("a", 0, 0);
            result = tick(loop);
        }
        assertThat(result.image().proposal().providers())
                .filteredOn(p -> p.id().equals("q"))
                .singleElement()
                .satisfies(q -> {
                    assertThat(q.trustedCapacity()).isLessThanOrEqualTo(10);
                    assertThat(q.slots()).isEqualTo(1);
                });
        assertThat(java.util.Objects.requireNonNull(weights(result).get("q"))).isLessThan(200_000);
    }

    @Test
    void load_of_unknown_clusters_changes_nothing() {
        ControlLoop loop = loop(1, Optional.empty());
        known();
        tick(loop);
        inbox.offer(new Event.Load(
                new LoadReport("hostile", now, List.of(new ClusterLoad("nope|p", 1_000_000, 1_000_000, 0, 0, TICK)))));
        assertThat(tick(loop).released()).isFalse();
    }

    @Test
    void the_policy_can_change_while_it_runs() {
        ControlLoop loop = loop(1, Optional.empty());
        known();
        tick(loop);
        inbox.offer(new Event.Configured(Configs.of(Mesh.Policy.WRR, "p", "q")));
        for (int i = 0; i < 20; i++) {
            load("a", 90, 0);
            assertThat(weights(tick(loop))).containsEntry("p", 500_000).containsEntry("q", 500_000);
        }
    }

    /** {@code p} behind a side. */
    private Config sided() {
        Provider p = java.util.Objects.requireNonNull(config.providers().get("p"));
        Map<String, Provider> providers = new java.util.TreeMap<>(config.providers());
        providers.put("p", ProviderMaker.like(p).behind("s", 1).make());
        return new Config(config.mesh(), providers, config.pools());
    }

    private void side(String node, long first, long further) {
        inbox.offer(new Event.Load(new LoadReport(
                node,
                now,
                List.of(
                        new ClusterLoad("first_attempts|p", first, 0, 0, 0, TICK),
                        new ClusterLoad("further_attempts|p", further, 0, 0, 0, TICK),
                        new ClusterLoad("m|p", 1_000_000, 1_000, 0, 0, TICK),
                        new ClusterLoad("m|q", 0, 0, 0, 0, TICK)))));
    }

    @Test
    void a_side_moves_its_own_limits_and_nothing_else() {
        inbox.offer(new Event.Configured(sided()));
        ControlLoop honest = loop(1, Optional.empty());
        known();
        inbox.offer(new Event.Connection("a", true));
        load("a", 12, 4);
        Result first = tick(honest);
        // L = (8 + 0) / 200 = 0.04 s: 4 + 4 + 1, and 4 + 200
        assertThat(first.image().limits())
                .isEqualTo(Map.of("p", new dev.weir.weights.bounce.SideLimits(9, 204, 204, 0.04)));

        inbox.offer(new Event.SideConnected("side"));
        Result lying = first;
        for (int i = 0; i < 12; i++) { // its further attempts are averaged over some seconds
            load("a", 12, 4);
            side("side", 1_000_000, 5);
            lying = tick(honest);
        }
        // no more than the 12 that were sent there; and its word on what consumers have is not heard
        assertThat(lying.image().limits().get("p")).satisfies(limits -> {
            assertThat(limits.first()).isBetween(1, 5); // less the 5
            // less 12; its capacity is trusted less by now, but never less than a quarter: 4 + 50 - 12
            assertThat(limits.further()).isBetween(42, 192);
        });
        assertThat(lying.image().proposal().providers().get(0).inFlight()).isEqualTo(12);
        inbox.offer(new Event.Connection("side", false));
        side("side", 0, 0);
        load("a", 12, 4);
        assertThat(tick(honest).image().proposal().providers().get(0).inFlight())
                .as("a side that closed its discovery stream is no consumer")
                .isEqualTo(12);
    }

    @Test
    void while_gauges_are_awaited_limits_stay() {
        ControlLoop first = loop(1, Optional.empty());
        known();
        Decision inForce = tick(first).image().decision().orElseThrow();
        inbox.offer(new Event.Configured(sided()));
        ControlLoop second = loop(2, Optional.of(inForce));
        known();
        inbox.offer(new Event.Connection("a", true));
        inbox.offer(new Event.SideConnected("side"));
        side("side", 1, 1);
        assertThat(tick(second).image().limits()).isEmpty();
        load("a", 1, 1);
        assertThat(tick(second).image().limits()).containsOnlyKeys("p");
    }
}
