package dev.weir.control.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.testbed.DeclaredCapacity;
import dev.weir.control.testbed.Fleet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class VerdictTest {
    @Test
    void nothing_is_missed_when_every_promise_holds() {
        Figures wrr = new Figures(
                Results.traffic(60, OptionalLong.empty(), 0.42), Results.good().records(), 1, 0);
        assertThat(Verdict.misses(Results.good(), Optional.of(wrr), Results.declared()))
                .isEmpty();
        assertThat(Verdict.misses(Results.good(), Optional.empty(), Results.declared()))
                .isEmpty();
    }

    @Test
    void each_promise_that_does_not_hold_is_named_with_its_value() {
        Figures bad = new Figures(
                new Figures.Traffic(
                        100,
                        98,
                        0,
                        0,
                        0,
                        2,
                        0,
                        3,
                        OptionalLong.of(2001),
                        10,
                        50,
                        java.util.OptionalDouble.of(13),
                        60,
                        55,
                        200,
                        Results.good().traffic().before(),
                        Results.good().traffic().during(),
                        java.util.Map.of(Fleet.LARGEST, 0.3),
                        100,
                        120),
                new Figures.Records(100, 101, 0, 4, 5, 2000, 1999, 100),
                40,
                6);
        Figures wrr = new Figures(
                Results.traffic(60, OptionalLong.empty(), 0.42), Results.good().records(), 1, 0);
        List<DeclaredCapacity> fromFile = List.of(new DeclaredCapacity("p20", 20, 0));
        assertThat(Verdict.misses(bad, Optional.of(wrr), fromFile))
                .extracting(miss -> miss.substring(0, miss.indexOf(" (expected: ")))
                .containsExactly(
                        "failed: 2",
                        "missingRecords: 4",
                        "extraRecords: 5",
                        "missingHeaders: 3",
                        "nacks: 6",
                        "tokens.ledger: 1999",
                        "capacity: [p20 20 at block 0]",
                        "reactionMillis: 2001",
                        "share of p175 after its recovery: 0.71 of the former",
                        "waitMillis.meanWhileSlow: 13.0");
    }

    @Test
    void no_reaction_and_an_unknown_wait_are_misses() {
        Figures never = new Figures(
                Results.traffic(Double.NaN, OptionalLong.empty(), 0.42),
                Results.good().records(),
                40,
                0);
        assertThat(Verdict.misses(never, Optional.of(Results.good()), Results.declared()))
                .hasSize(2)
                .first()
                .asString()
                .startsWith("reactionMillis: never");
    }

    @Test
    void demand_beyond_capacity_has_an_end() {
        Figures good = overload(2600, 0, 3900, 7_800);
        assertThat(Verdict.overloadMisses(good)).isEmpty();
        assertThat(Verdict.overloadMisses(overload(0, 3, 4001, 11_001)))
                .containsExactly(
                        "refused: 0 (expected: some, as nobody can serve all)",
                        "refused without retry-after-ms: 3 (expected: 0)",
                        "waitMillis.p99: 4001 (expected: at most twice bounce.maxWait, 4000.0)",
                        "attempts at providers per call: 1.10 (expected: at most 1.1)");
    }

    private static Figures overload(long refused, long withoutWait, double p99, long attempts) {
        Figures.Traffic traffic = new Figures.Traffic(
                10_000,
                10_000 - refused,
                refused,
                withoutWait,
                1800,
                0,
                0,
                0,
                OptionalLong.empty(),
                1500,
                p99,
                OptionalDouble.empty(),
                1600,
                1600,
                4000,
                Map.of(),
                Map.of(),
                Map.of(),
                100,
                100);
        return new Figures(traffic, new Figures.Records(attempts, attempts, 9_000, 0, 0, 1, 1, 10_000), 40, 0);
    }
}
