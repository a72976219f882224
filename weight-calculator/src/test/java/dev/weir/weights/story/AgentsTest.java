package dev.weir.weights.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.Status;
import dev.weir.weights.story.Agents.Outcome;
import dev.weir.weights.story.Agents.Provider;
import dev.weir.weights.story.Agents.Way;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Twenty agents with calls of 4 s before 4 and 7 slots, whose declared figures may be anything. */
final class AgentsTest {
    private static final int SEEDS = 5;
    private static final int[] TWENTY = {20};

    private static List<Provider> providers(double rateFactor, double slotFactor) {
        return List.of(provider(4, rateFactor, slotFactor), provider(7, rateFactor, slotFactor));
    }

    /** A factor of 0 leaves the figure out. */
    private static Provider provider(int slots, double rateFactor, double slotFactor) {
        return new Provider(slots, List.of(4.0), slots / 4.0 * rateFactor, (int) Math.ceil(slots * slotFactor));
    }

    private record Median(double completed, double seconds) {}

    private static Median play(List<Provider> providers, Way way, String what) {
        List<Integer> completed = new ArrayList<>();
        List<Double> medians = new ArrayList<>();
        for (int seed = 1; seed <= SEEDS; seed++) {
            Outcome outcome = new Agents(providers, way, TWENTY, seed).run(60, 400);
            assertThat(outcome.story())
                    .as("suspensions, %s, %s, seed %d", what, way, seed)
                    .isEmpty();
            completed.add(outcome.completed());
            medians.add(outcome.median());
        }
        completed.sort(Integer::compare);
        medians.sort(Double::compare);
        return new Median(completed.get(SEEDS / 2), medians.get(SEEDS / 2));
    }

    private static void assertClose(Median got, Median right, double margin, String what) {
        assertThat(got.completed).as("completed, %s", what).isGreaterThan((1 - margin) * right.completed);
        assertThat(got.seconds).as("median seconds, %s", what).isLessThan((1 + margin) * right.seconds);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void wrong_capacity_costs_nothing(Way way) {
        Median right = play(providers(1, 1), way, "right figures");
        for (double factor : new double[] {0, 0.1, 10, 92, 1000}) {
            String what = "capacity x " + factor + " by " + way;
            assertClose(play(providers(factor, 1), way, what), right, 0.1, what);
        }
        assertClose(
                play(List.of(provider(4, 10, 1), provider(7, 0.1, 1)), way, "one up, one down"),
                right,
                0.1,
                "one up, one down");
        assertClose(play(List.of(provider(4, 10, 1), provider(7, 1, 1)), way, "one up"), right, 0.1, "one up");
        assertClose(
                play(List.of(provider(4, 0, 1), provider(7, 1, 1)), way, "one left out"), right, 0.1, "one left out");
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void wrong_slots_cost_little(Way way) {
        Median right = play(providers(1, 1), way, "right figures");
        for (double factor : new double[] {0, 0.1, 10}) {
            if (factor == 0.1 && way == Way.POOL_QUEUE) {
                continue; // slots are a promise there: the queue never sends more than was declared
            }
            for (double rate : new double[] {0.1, 1, 10}) {
                // a split that takes full providers for free ones leaves chance uncorrected
                boolean manySlots = factor == 10 || (factor == 0 && rate == 10);
                double margin = manySlots && way == Way.SPLIT ? 0.15 : 0.1;
                String what = "slots x " + factor + ", capacity x " + rate + " by " + way;
                assertClose(play(providers(rate, factor), way, what), right, margin, what);
            }
        }
        assertClose(play(providers(0, 0), way, "nothing declared"), right, 0.1, "nothing declared");
    }

    /** Embeddings of 20 ms and answers of 60 s at the same providers, in pools of their own and in one. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void long_calls_beside_short_ones_are_no_silence(long seed) {
        List<Provider> two =
                List.of(new Provider(8, List.of(0.02, 60.0), 20, 8), new Provider(8, List.of(0.02, 60.0), 20, 8));
        for (Way way : List.of(Way.SPLIT, Way.PICK)) {
            assertThat(new Agents(two, way, new int[] {2, 10}, seed).run(0, 300).story())
                    .as("two pools, %s", way)
                    .isEmpty();
        }
        Agents mixed = new Agents(
                List.of(new Provider(8, List.of(1.0), 10, 8), new Provider(8, List.of(1.0), 10, 8)),
                Way.PICK,
                TWENTY,
                seed);
        mixed.law = AgentsTest::mixture;
        // the first long ones may come as a surprise, once at each; then they are known
        assertThat(mixed.run(0, 600).story()).hasSizeLessThanOrEqualTo(2);
    }

    /** One in ten takes 10 s, the others .1 s. */
    private static double mixture(SplittableRandom random) {
        return random.nextInt(10) == 0 ? 10 : 0.1;
    }

    @ParameterizedTest
    @EnumSource(
            value = Way.class,
            names = {"SPLIT", "PICK"})
    void one_that_hangs_is_found_whatever_it_claimed(Way way) {
        for (double factor : new double[] {0, 0.1, 1, 10, 92}) {
            Agents agents = new Agents(providers(factor, 1), way, TWENTY, 7);
            agents.hangs = 1;
            agents.hangsFrom = 100;
            Outcome outcome = agents.run(0, 130);
            assertThat(outcome.last())
                    .as("capacity x %f, %s", factor, way)
                    .containsExactly(Status.ACTIVE, Status.STALLED);
            assertThat(agents.sentIntoHang()).isLessThanOrEqualTo(14);
        }
    }

    @Test
    void one_that_never_answered_is_untried_and_found_by_those_that_do() {
        List<Provider> fast = List.of(new Provider(4, List.of(0.05), 80, 4), new Provider(7, List.of(0.05), 140, 7));
        Agents agents = new Agents(fast, Way.SPLIT, TWENTY, 3);
        agents.hangs = 1;
        agents.hangsFrom = 0;
        Outcome first = agents.run(0, 0.5);
        assertThat(first.last()).containsExactly(Status.ACTIVE, Status.UNTRIED);
        assertThat(first.proposal().providers().get(1).reason()).startsWith("untried");
        Agents again = new Agents(fast, Way.SPLIT, new int[] {40}, 3);
        again.hangs = 1;
        again.hangsFrom = 0;
        assertThat(again.run(0, 10).last()).containsExactly(Status.ACTIVE, Status.STALLED);
    }

    /** A model of one pool hangs at a provider that serves another pool well. */
    @Test
    void silence_to_one_pool_is_found_and_ends() {
        List<Provider> two =
                List.of(new Provider(8, List.of(1.0, 1.0), 8, 8), new Provider(8, List.of(1.0, 1.0), 8, 8));
        Agents agents = new Agents(two, Way.SPLIT, new int[] {6, 6}, 5);
        agents.hangs = 0;
        agents.hangsInPool = 1;
        agents.hangsFrom = 60;
        Outcome outcome = agents.run(0, 90);
        assertThat(outcome.last()).containsExactly(Status.ACTIVE, Status.ACTIVE);
        assertThat(member(outcome.proposal(), 1, 0).silent()).isTrue();
        assertThat(member(outcome.proposal(), 1, 0).weight()).isLessThanOrEqualTo(20_000);
        assertThat(member(outcome.proposal(), 0, 0).silent()).isFalse();
        assertThat(outcome.proposal().providers().get(0).reason()).contains("answers nothing of pool t1");

        Agents back = new Agents(two, Way.SPLIT, new int[] {6, 6}, 5);
        back.hangs = 0;
        back.hangsInPool = 1;
        back.hangsFrom = 60;
        back.hangsTo = 90;
        assertThat(member(back.run(0, 120).proposal(), 1, 0).silent()).isFalse();
    }

    private static Member member(Proposal proposal, int pool, int member) {
        return proposal.pools().get(pool).members().get(member);
    }

    /** Streams without an end where all before took a second. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bytes_that_flow_are_no_silence(boolean flow) {
        Agents agents = new Agents(
                List.of(new Provider(8, List.of(1.0), 8, 8), new Provider(8, List.of(1.0), 8, 8)),
                Way.PICK,
                new int[] {24},
                9);
        agents.hangs = 1;
        agents.hangsFrom = 60;
        agents.bytesFlow = flow;
        Status expected = flow ? Status.ACTIVE : Status.STALLED;
        assertThat(agents.run(0, 90).last()).containsExactly(Status.ACTIVE, expected);
    }
}
