package dev.weir.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.weights.Proposal.Cause;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.Status;
import dev.weir.weights.Settings.Policy;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CalculatorTest {
    private static Calculator calculator(Policy policy, @Nullable Proposal restored) {
        return new Calculator(OtherSettings.policy(policy), restored);
    }

    private static Calculator calculator() {
        return calculator(Policy.WATER_FILLING, null);
    }

    private static int weight(Proposal proposal, String pool, String provider) {
        return proposal.pools().stream()
                .filter(p -> p.id().equals(pool))
                .flatMap(p -> p.members().stream())
                .filter(m -> m.provider().equals(provider))
                .mapToInt(Member::weight)
                .sum();
    }

    private static Proposal.ProviderState state(Proposal proposal, String provider) {
        return proposal.providers().stream()
                .filter(p -> p.id().equals(provider))
                .findFirst()
                .orElseThrow();
    }

    private static List<Integer> weights(Proposal proposal) {
        return proposal.pools().get(0).members().stream().map(Member::weight).toList();
    }

    /** Every provider serves its share of load .6 without a queue. */
    private static MeshFake steady() {
        MeshFake mesh = MeshFake.five();
        mesh.pool("chat").members.forEach((id, m) -> {
            m.first = Math.round(mesh.provider(id).declared * 0.15);
            m.completed = m.first;
            // rounded down: one that is met busy every time would be slower than it claims
            m.inFlight = (long) (mesh.provider(id).slots * 0.6);
        });
        return mesh;
    }

    @Test
    void idle_mesh_is_split_by_declared_capacity() {
        Proposal first = calculator().tick(MeshFake.five().next());

        assertThat(first.release().causes()).containsExactly(Cause.FIRST);
        assertThat(weights(first)).containsExactly(48_193, 96_385, 192_771, 240_964, 421_687);
    }

    @Test
    void backlog_takes_traffic_away() {
        MeshFake mesh = steady();
        Calculator calculator = calculator();
        calculator.tick(mesh.next());
        Proposal before = calculator.tick(mesh.next());
        mesh.member("chat", "e").inFlight = 40;
        Proposal after = calculator.tick(mesh.next());

        assertThat(after.release().causes()).contains(Cause.SAVES_TIME);
        assertThat(after.release().savedSeconds()).isGreaterThan(0.001);
        assertThat(weight(after, "chat", "e")).isLessThan(weight(before, "chat", "e") * 2 / 3);
        assertThat(state(after, "e").backlog()).isEqualTo(33);
        assertThat(state(after, "e").reason()).contains("33 queued");
    }

    @Test
    void constant_input_releases_nothing_however_long() {
        MeshFake mesh = steady();
        Calculator calculator = calculator();
        assertThat(calculator.tick(mesh.next()).release().released()).isTrue();
        int releases = 0;
        for (int tick = 0; tick < 4 * 3600 * 6; tick++) {
            Proposal proposal = calculator.tick(mesh.next());
            if (proposal.release().released()) {
                releases++;
                assertThat(tick).as("release of %s", proposal.release()).isLessThan(8);
            }
        }
        // the congestion that is first measured goes out, nothing else
        assertThat(releases).isLessThanOrEqualTo(1);
    }

    @Test
    void wrr_keeps_declared_capacities_whatever_happens() {
        MeshFake mesh = steady();
        Calculator calculator = calculator(Policy.WRR, null);
        Proposal first = calculator.tick(mesh.next());
        mesh.member("chat", "e").inFlight = 400;
        mesh.member("chat", "e").completed = 0;
        for (int tick = 0; tick < 400; tick++) {
            Proposal proposal = calculator.tick(mesh.next());
            assertThat(weights(proposal)).isEqualTo(weights(first));
            assertThat(proposal.release().causes())
                    .doesNotContain(Cause.HEALTH, Cause.SAVES_TIME, Cause.MEMBERSHIP, Cause.FIRST);
        }
        mesh.provider("e").declared = 0;
        Proposal without = calculator.tick(mesh.next());
        assertThat(without.release().causes()).contains(Cause.HEALTH);
        assertThat(weight(without, "chat", "e")).isZero();
    }

    @ParameterizedTest
    @EnumSource(Policy.class)
    void who_drains_gets_nothing_at_once_and_its_share_again_afterwards(Policy policy) {
        MeshFake mesh = steady();
        Calculator calculator = calculator(policy, null);
        int before = weight(calculator.tick(mesh.next()), "chat", "a");
        assertThat(before).isPositive();
        mesh.member("chat", "a").inFlight = 3;
        mesh.provider("a").draining = true;

        Proposal drains = calculator.tick(mesh.next());

        assertThat(drains.release().causes()).contains(Cause.HEALTH);
        assertThat(weight(drains, "chat", "a")).isZero();
        assertThat(state(drains, "a").status()).isEqualTo(Status.DRAINING);
        assertThat(state(drains, "a").trustedCapacity()).isZero();
        assertThat(state(drains, "a").reason()).isEqualTo("draining, 3 in flight: gets no new calls");
        mesh.member("chat", "a").inFlight = 0;
        assertThat(state(calculator.tick(mesh.next()), "a").reason())
                .isEqualTo("draining, 0 in flight: gets no new calls, and may be taken out");

        mesh.provider("a").draining = false;
        Proposal back = calculator.tick(mesh.next());
        assertThat(back.release().causes()).contains(Cause.HEALTH);
        assertThat(weight(back, "chat", "a")).isPositive();
    }

    @Test
    void where_all_drain_nobody_has_a_weight() {
        MeshFake mesh = steady();
        Calculator calculator = calculator();
        calculator.tick(mesh.next());
        List.of("a", "b", "c", "d", "e").forEach(each -> mesh.provider(each).draining = true);

        Proposal drains = calculator.tick(mesh.next());

        assertThat(drains.pools().get(0).members()).allMatch(member -> member.weight() == 0);
    }

    @Test
    void membership_and_health_force_a_release() {
        MeshFake mesh = steady();
        Calculator calculator = calculator();
        calculator.tick(mesh.next());
        mesh.provider("f", 50, 2).pool("chat").members.put("f", new MeshFake.Member());
        assertThat(calculator.tick(mesh.next()).release().causes()).contains(Cause.MEMBERSHIP);
        mesh.provider("a").declared = 0;
        Proposal gone = calculator.tick(mesh.next());
        assertThat(gone.release().causes()).contains(Cause.HEALTH);
        assertThat(weight(gone, "chat", "a")).isZero();
        assertThat(state(gone, "a").status()).isEqualTo(Status.ABSENT);
        mesh.member("chat", "b").retryOnly = true;
        Proposal standby = calculator.tick(mesh.next());
        assertThat(standby.release().causes()).contains(Cause.MEMBERSHIP);
        assertThat(weight(standby, "chat", "b")).isEqualTo(1);
    }

    @Test
    void hold_releases_nothing_and_forgets_nothing() {
        MeshFake mesh = steady();
        Calculator calculator = calculator();
        mesh.hold = true;
        for (int tick = 0; tick < 20; tick++) {
            assertThat(calculator.tick(mesh.next()).release().released()).isFalse();
        }
        mesh.hold = false;
        assertThat(calculator.tick(mesh.next()).release().causes()).contains(Cause.FIRST);
        mesh.hold = true;
        mesh.provider("f", 50, 2).pool("chat").members.put("f", new MeshFake.Member());
        assertThat(calculator.tick(mesh.next()).release().released()).isFalse();
        mesh.hold = false;
        assertThat(calculator.tick(mesh.next()).release().causes()).contains(Cause.MEMBERSHIP);
    }

    @Test
    void silent_provider_gets_probes_only_and_comes_back() {
        MeshFake mesh = steady();
        Calculator calculator = calculator();
        for (int tick = 0; tick < 20; tick++) {
            calculator.tick(mesh.next());
        }
        int before = weight(calculator.tick(mesh.next()), "chat", "e");
        mesh.member("chat", "e").completed = 0;
        mesh.member("chat", "e").inFlight = 30;
        Proposal stalled = calculator.tick(mesh.next());
        assertThat(state(stalled, "e").status()).isEqualTo(Status.STALLED);
        assertThat(stalled.release().causes()).contains(Cause.HEALTH);
        // one request in two seconds of 249 per second
        assertThat(weight(stalled, "chat", "e")).isBetween(1_000, 3_000);
        for (int tick = 0; tick < 40; tick++) {
            mesh.member("chat", "e").inFlight = 0;
            assertThat(weight(calculator.tick(mesh.next()), "chat", "e")).isLessThan(3_000);
        }
        mesh.member("chat", "e").completed = 1;
        Proposal answered = calculator.tick(mesh.next());
        assertThat(answered.release().causes()).contains(Cause.HEALTH);
        assertThat(state(answered, "e").status()).isEqualTo(Status.RAMPING);
        mesh.member("chat", "e").completed = 26;
        mesh.member("chat", "e").inFlight = 2;
        for (int tick = 0; tick < 39; tick++) {
            answered = calculator.tick(mesh.next());
        }
        assertThat(weight(answered, "chat", "e")).isGreaterThan(before * 8 / 10);
    }

    @Test
    void who_refuses_one_pool_gets_probes_from_it_and_serves_the_other() {
        MeshFake mesh = steady().pool("other", "d", "e");
        mesh.member("other", "d").first = 10;
        mesh.member("other", "e").first = 10;
        mesh.member("other", "d").completed = 10;
        mesh.member("other", "e").completed = 10;
        Calculator calculator = calculator();
        Proposal before = calculator.tick(mesh.next());
        for (int tick = 0; tick < 20; tick++) {
            before = calculator.tick(mesh.next());
        }
        mesh.member("chat", "e").refusal = 401;
        mesh.member("chat", "e").completed = 0;

        Proposal refused = calculator.tick(mesh.next());

        assertThat(refused.release().causes()).contains(Cause.HEALTH);
        assertThat(weight(refused, "chat", "e")).isBetween(1, 3_000);
        assertThat(weight(refused, "other", "e")).isGreaterThan(300_000);
        assertThat(state(refused, "e").status()).isEqualTo(Status.ACTIVE);
        assertThat(state(refused, "e").reason())
                .contains("; probe traffic only from pool chat: answers 401 to what others complete");

        mesh.member("chat", "e").refusal = 0;
        mesh.member("chat", "e").completed = 26;
        Proposal back = calculator.tick(mesh.next());
        assertThat(back.release().causes()).contains(Cause.HEALTH);
        // the other pool has come to it meanwhile: which of the two moves is a matter of chance
        assertThat(weight(back, "chat", "e")).isGreaterThan(weight(before, "chat", "e") / 2);
    }

    @Test
    void where_everybody_refuses_all_are_asked() {
        MeshFake mesh = steady();
        mesh.pool("chat").members.values().forEach(m -> m.refusal = 401);
        Proposal proposal = calculator().tick(mesh.next());
        assertThat(weights(proposal)).allMatch(weight -> weight > 10_000);
    }

    @Test
    void provider_that_fails_everything_at_once_attracts_nothing() {
        MeshFake mesh = steady();
        Calculator calculator = calculator();
        for (int tick = 0; tick < 20; tick++) {
            calculator.tick(mesh.next());
        }
        mesh.member("chat", "e").completed = 0;
        mesh.member("chat", "e").failed = 26;
        mesh.member("chat", "e").inFlight = 0;
        Proposal proposal = calculator.tick(mesh.next());
        assertThat(state(proposal, "e").status()).isEqualTo(Status.STALLED);
        assertThat(weight(proposal, "chat", "e")).isLessThan(5_000);
    }

    @Test
    void silence_of_everybody_suspends_nobody() {
        MeshFake mesh = steady();
        Calculator calculator = calculator();
        for (int tick = 0; tick < 20; tick++) {
            calculator.tick(mesh.next());
        }
        mesh.pool("chat").members.values().forEach(m -> m.completed = 0);
        for (int tick = 0; tick < 40; tick++) {
            Proposal proposal = calculator.tick(mesh.next());
            assertThat(proposal.providers()).allMatch(p -> p.status() == Status.ACTIVE);
        }
    }

    @Test
    void without_telemetry_splits_fall_back_to_declared_capacity() {
        MeshFake mesh = steady();
        Calculator calculator = calculator();
        calculator.tick(mesh.next());
        mesh.member("chat", "e").inFlight = 200;
        calculator.tick(mesh.next());
        for (int tick = 0; tick < 240; tick++) {
            mesh.providers.values().forEach(p -> p.ageNanos += MeshFake.TICK);
            mesh.pool("chat").members.values().forEach(m -> {
                m.first = 0;
                m.completed = 0;
            });
            calculator.tick(mesh.next());
        }
        Proposal proposal = calculator.tick(mesh.next());
        double total = 415;
        mesh.providers.forEach((id, p) ->
                assertThat((double) weight(proposal, "chat", id)).isCloseTo(1e6 * p.declared / total, within(2_000.0)));
        assertThat(state(proposal, "e").reason()).contains("telemetry");
    }

    @Test
    void price_rises_above_target_is_published_at_most_every_five_seconds_and_restores() {
        MeshFake mesh = steady();
        mesh.pool("chat").members.values().forEach(m -> m.first *= 2);
        Calculator calculator = calculator();
        Proposal proposal = calculator.tick(mesh.next());
        long published = proposal.pools().get(0).priceNumber();
        long last = 0;
        Proposal released = proposal;
        for (int tick = 1; tick < 240; tick++) {
            proposal = calculator.tick(mesh.next());
            long number = proposal.pools().get(0).priceNumber();
            if (number > published) {
                assertThat(tick - last).isGreaterThanOrEqualTo(20);
                published = number;
                last = tick;
            }
            released = proposal.release().released() ? proposal : released;
        }
        assertThat(published).isBetween(5L, 13L);
        assertThat(proposal.pools().get(0).price()).isGreaterThan(130);

        Calculator again = calculator(Policy.WATER_FILLING, released);
        mesh.hold = true;
        Proposal restored = again.tick(mesh.next());
        assertThat(restored.pools().get(0).price())
                .isEqualTo(released.pools().get(0).price());
        assertThat(restored.pools().get(0).priceNumber())
                .isEqualTo(released.pools().get(0).priceNumber());
        assertThat(restored.pools().get(0).logPrice()).isGreaterThan(0.2);
    }

    @Test
    void an_announced_price_is_the_next_one_for_a_restored_calculator_whatever_happened_to_its_members() {
        MeshFake mesh = steady();
        Proposal released = calculator().tick(mesh.next());
        long number = released.pools().get(0).priceNumber();
        String one = released.pools().get(0).members().get(0).provider();
        Proposal.Announcement next = new Proposal.Announcement("chat", number + 3, 150, Map.of(one, 155L, "gone", 7L));
        Proposal.Announcement old = new Proposal.Announcement("chat", number, 999, Map.of());
        Settings settings = OtherSettings.policy(Policy.WATER_FILLING);
        Proposal after = new Calculator(settings, released, List.of(next)).tick(mesh.next());
        assertThat(after.release().causes()).contains(Cause.PRICE);
        assertThat(after.pools().get(0).priceNumber()).isEqualTo(number + 3);
        assertThat(after.pools().get(0).price()).isEqualTo(150);
        after.pools()
                .get(0)
                .members()
                .forEach(member ->
                        assertThat(member.price()).isEqualTo(member.provider().equals(one) ? 155 : 150));
        assertThat(after.announced()).isEmpty();
        Proposal same = new Calculator(settings, released, List.of(old)).tick(mesh.next());
        assertThat(same.pools().get(0).price())
                .isEqualTo(released.pools().get(0).price());
        assertThat(same.announced()).isEmpty();
    }

    @Test
    void restored_split_is_in_force_until_something_better_comes() {
        MeshFake mesh = steady();
        Calculator calculator = calculator();
        Proposal released = calculator.tick(mesh.next());
        for (int tick = 0; tick < 40; tick++) {
            Proposal next = calculator.tick(mesh.next());
            released = next.release().released() ? next : released;
        }
        Calculator again = calculator(Policy.WATER_FILLING, released);
        for (int tick = 0; tick < 100; tick++) {
            assertThat(again.tick(mesh.next()).release().causes())
                    .doesNotContain(Cause.FIRST, Cause.MEMBERSHIP, Cause.HEALTH, Cause.SAVES_TIME);
        }
    }

    @Test
    void shared_providers_are_left_to_those_who_have_no_choice() {
        MeshFake mesh = new MeshFake().provider("x", 100, 10).provider("y", 100, 10);
        mesh.pool("wide", "x", "y").pool("narrow", "y");
        mesh.member("wide", "x").first = 22;
        mesh.member("narrow", "y").first = 22;
        Calculator calculator = calculator();
        Proposal proposal = calculator.tick(mesh.next());
        for (int tick = 0; tick < 40; tick++) {
            proposal = calculator.tick(mesh.next());
        }
        assertThat(weight(proposal, "narrow", "y")).isEqualTo(1_000_000);
        assertThat(weight(proposal, "wide", "x")).isGreaterThan(990_000);
        assertThat(proposal.pools().get(0).utilisation()).isCloseTo(0.88, within(0.02));
    }

    /** Where several pools share providers, many splits are equally good in the sum; a burst would go all one way by most of them. */
    @Test
    void pools_of_the_same_providers_rest_at_even_splits_whatever_was_before() {
        for (double[] busy : new double[][] {{0, 0}, {40, 0}, {0, 40}, {30, 30}}) {
            MeshFake mesh = new MeshFake().provider("x", 100, 10).provider("y", 100, 10);
            mesh.pool("one", "x", "y").pool("two", "x", "y").pool("three", "x", "y");
            Calculator calculator = calculator();
            calculator.tick(mesh.next());
            for (int i = 0; i < 2; i++) {
                MeshFake.Member member = mesh.member("one", i == 0 ? "x" : "y");
                member.first = busy[i] > 0 ? 12 : 0;
                member.completed = member.first;
                member.inFlight = (long) busy[i];
                mesh.member("two", i == 0 ? "x" : "y").first = busy[i] > 0 ? 6 : 0;
            }
            for (int tick = 0; tick < 80; tick++) {
                calculator.tick(mesh.next());
            }
            for (String pool : List.of("one", "two")) {
                for (String provider : List.of("x", "y")) {
                    mesh.pool(pool).members.put(provider, new MeshFake.Member());
                }
            }
            Proposal proposal = calculator.tick(mesh.next());
            for (int tick = 0; tick < 480; tick++) {
                proposal = calculator.tick(mesh.next());
            }
            for (String pool : List.of("one", "two", "three")) {
                assertThat(weight(proposal, pool, "x")).as(pool).isBetween(300_000, 700_000);
            }
        }
    }

    @Test
    void cheaper_providers_get_more_the_more_cost_matters() {
        int cheap = 0;
        for (double costSeconds : new double[] {0, 0.01, 0.1}) {
            MeshFake mesh = steady();
            mesh.provider("e").cost = 2;
            Calculator calculator = new Calculator(OtherSettings.costSeconds(costSeconds), null);
            Proposal proposal = calculator.tick(mesh.next());
            for (int tick = 0; tick < 20; tick++) {
                proposal = calculator.tick(mesh.next());
            }
            int now = 1_000_000 - weight(proposal, "chat", "e");
            assertThat(now).isGreaterThan(cheap);
            cheap = now;
        }
        assertThat(cheap).isGreaterThan(700_000);
    }

    @Test
    void an_avoided_provider_gets_enough_to_keep_its_picture_fresh() {
        MeshFake mesh = steady();
        mesh.member("chat", "a").inFlight = 60;
        mesh.member("chat", "a").completed = 5;
        Calculator calculator = calculator();
        Proposal proposal = calculator.tick(mesh.next());
        for (int tick = 0; tick < 20; tick++) {
            proposal = calculator.tick(mesh.next());
        }
        // 1 % of its 20 requests per second, of 249 in all
        assertThat(weight(proposal, "chat", "a")).isBetween(700, 1_000);
    }

    @Test
    void slots_that_are_not_declared_are_taken_from_what_is_seen() {
        MeshFake mesh = steady();
        mesh.provider("e").slots = 0;
        Calculator calculator = calculator();
        Proposal proposal = calculator.tick(mesh.next());
        for (int tick = 0; tick < 240; tick++) {
            proposal = calculator.tick(mesh.next());
        }
        // 4 in flight, 26 completions per tick of a quarter of a second, 175 declared
        assertThat(state(proposal, "e").slots()).isEqualTo(7);
        assertThat(state(proposal, "e").reason()).contains("4 in flight on about 7 slots (not declared)");
        mesh.member("chat", "e").inFlight = 40;
        proposal = calculator.tick(mesh.next());
        assertThat(state(proposal, "e").backlog()).isBetween(30.0, 34.0);
    }

    @Test
    void whoever_does_less_than_its_claim_with_a_queue_is_named_and_whoever_declares_less_is_cleared() {
        MeshFake mesh = steady();
        mesh.member("chat", "e").inFlight = 60;
        mesh.member("chat", "e").completed = 30;
        mesh.member("chat", "d").inFlight = 60;
        mesh.member("chat", "d").completed = 25;
        Calculator calculator = calculator();
        Proposal proposal = calculator.tick(mesh.next());
        for (int tick = 0; tick < 400; tick++) {
            proposal = calculator.tick(mesh.next());
        }
        assertThat(state(proposal, "e").reason()).contains("over-declared: did 69 % of its claim");
        assertThat(state(proposal, "d").reason()).as("does all it claims").doesNotContain("over-declared");
        mesh.provider("e").declared = 120;
        assertThat(state(calculator.tick(mesh.next()), "e").reason()).doesNotContain("over-declared");
    }

    @Test
    void a_mesh_of_fast_providers_does_not_wait_for_a_whole_millisecond() {
        MeshFake mesh = new MeshFake();
        mesh.provider("a", 4000, 4).provider("b", 4000, 4).pool("chat", "a", "b");
        mesh.providers.values().forEach(p -> p.ageNanos = 1_000_000);
        mesh.pool("chat").members.values().forEach(m -> {
            m.first = 900;
            m.completed = 900;
            m.inFlight = 4;
        });
        Calculator calculator = calculator();
        calculator.tick(mesh.next());
        calculator.tick(mesh.next());
        // 60 requests more: 15 ms of its work, a tenth of a millisecond per request that comes in a tick
        mesh.member("chat", "a").inFlight = 64;
        Proposal proposal = calculator.tick(mesh.next());
        assertThat(proposal.release().savedSeconds()).isBetween(5e-5, 1e-3);
        assertThat(proposal.release().causes()).contains(Cause.SAVES_TIME);
    }
}
