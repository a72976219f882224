package dev.weir.control.loop;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.loop.CompletionCounts.Counts;
import dev.weir.control.loop.Contrast.Verdict;
import dev.weir.control.threads.OneThread;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Ticks of 250 ms of pool {@code m} over p and q. */
final class ContrastTest {
    private static final double TICK = 0.25;
    private static final int MINUTE = 240;

    private final Contrast contrast = new Contrast(new OneThread());
    private final SplittableRandom random = new SplittableRandom(7);

    private static Counts ends(long completions, long failures, long refusals, int status) {
        return new Counts(completions, failures, refusals, 0, status, 0, 0);
    }

    private static Counts completes(long n) {
        return ends(n, 0, 0, 0);
    }

    private static Counts refuses(long n, int status) {
        return ends(0, 0, n, status);
    }

    private Map<String, Verdict> tick(Counts p, Counts q) {
        Map<String, Counts> counts = new LinkedHashMap<>();
        counts.put("p", p);
        counts.put("q", q);
        return contrast.judge("m", counts, TICK);
    }

    private Verdict p(Counts p, Counts q) {
        return requireNonNull(tick(p, q).get("p"));
    }

    /** Seconds until p is kept away from. */
    private double secondsUntilOut(Counts p, Counts q) {
        for (int i = 1; i <= 10 * MINUTE; i++) {
            if (p(p, q).refusal() > 0) {
                return i * TICK;
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    private void healthy(int ticks) {
        for (int i = 0; i < ticks; i++) {
            assertThat(tick(completes(3), completes(3)).values()).containsOnly(new Verdict(0, 0));
        }
    }

    @Test
    void who_refuses_what_the_other_completes_is_out_after_seconds_and_back_with_one_completion() {
        for (int status : new int[] {307, 400, 401, 402, 403, 404, 410}) {
            healthy(MINUTE);
            assertThat(secondsUntilOut(refuses(3, status), completes(5))).isLessThan(3);
            assertThat(p(refuses(1, status), completes(6))).isEqualTo(new Verdict(1, status));
            assertThat(p(ends(0, 0, 0, 0), completes(6)))
                    .as("silent between probes")
                    .isEqualTo(new Verdict(0, status));
            assertThat(p(completes(1), completes(6))).isEqualTo(new Verdict(0, 0));
        }
    }

    @Test
    void what_was_refused_before_it_was_found_out_counts_at_once() {
        long refused = 0;
        Verdict verdict = new Verdict(0, 0);
        while (verdict.refusal() == 0) {
            verdict = p(refuses(4, 401), completes(5));
            refused += 4;
        }
        assertThat(verdict).isEqualTo(new Verdict(refused, 401));
    }

    @Test
    void a_key_that_never_worked_is_out_after_seconds() {
        assertThat(secondsUntilOut(refuses(20, 401), completes(20))).isBetween(2.0, 3.0);
    }

    @Test
    void a_key_that_expired_overnight_is_out_in_the_morning() {
        healthy(MINUTE);
        for (int i = 0; i < 8 * 60 * MINUTE; i++) {
            tick(completes(0), completes(0));
        }
        assertThat(secondsUntilOut(refuses(5, 401), completes(5))).isLessThan(30);
    }

    @Test
    void what_is_absent_everywhere_takes_nobody_out() {
        healthy(MINUTE);
        for (int i = 0; i < 60 * MINUTE; i++) {
            assertThat(tick(refuses(10, 404), refuses(10, 404)).values()).containsOnly(new Verdict(0, 0));
        }
    }

    @Test
    void bad_agents_among_good_ones_take_nobody_out() {
        for (double bad : new double[] {0.5, 0.9, 0.99}) {
            for (int i = 0; i < 30 * MINUTE; i++) {
                assertThat(tick(mixed(20, bad), mixed(20, bad)).values()).containsOnly(new Verdict(0, 0));
            }
        }
    }

    /** Of {@code n} calls each is an agent's mistake with probability {@code bad}. */
    private Counts mixed(int n, double bad) {
        int wrong = 0;
        for (int i = 0; i < n; i++) {
            wrong += random.nextDouble() < bad ? 1 : 0;
        }
        return ends(n - wrong, 0, wrong, wrong > 0 ? 404 : 0);
    }

    @Test
    void one_agent_that_provokes_refusals_at_one_provider_does_not_take_it_out() {
        for (double honest : new double[] {0.25, 1, 5}) {
            for (int i = 0; i < MINUTE; i++) {
                tick(completes(poisson(honest)), completes(poisson(honest)));
            }
            // 200 refusals a second at p, each of which q completes
            for (int i = 0; i < 30 * MINUTE; i++) {
                long served = poisson(honest);
                assertThat(p(ends(served, 0, 50, 403), completes(50 + poisson(honest))))
                        .as("%s honest calls per tick", honest)
                        .isEqualTo(new Verdict(0, 0));
            }
        }
    }

    private long poisson(double mean) {
        long n = 0;
        for (double p = random.nextDouble(); p > Math.exp(-mean); p *= random.nextDouble()) {
            n++;
        }
        return n;
    }

    @Test
    void failures_that_alternate_take_nobody_out() {
        for (int i = 0; i < 10 * MINUTE; i++) {
            assertThat(p(ends(2, 0, 1, 401), completes(3))).isEqualTo(new Verdict(0, 0));
            assertThat(p(ends(2, 1, 0, 529), completes(3))).isEqualTo(new Verdict(0, 0));
        }
    }

    @Test
    void a_storm_of_429_beside_long_calls_takes_nobody_out() {
        // four slots, calls of a minute, and 20 refusals a second for the rest
        for (int i = 0; i < 60 * MINUTE; i++) {
            long done = i > MINUTE && i % 60 == 0 ? 1 : 0;
            Verdict verdict = p(ends(done, 5, 0, 429), completes(i > MINUTE && i % 60 == 30 ? 1 : 0));
            if (i > 2 * MINUTE) {
                assertThat(verdict).isEqualTo(new Verdict(0, 0));
            }
        }
    }

    @Test
    void a_quota_that_is_used_up_for_one_pool_is_found_there_alone() {
        double out = 0;
        for (int i = 1; i < 4 * MINUTE && out == 0; i++) {
            Map<String, Counts> quota = Map.of("p", ends(0, 5, 0, 429), "q", completes(5));
            Map<String, Counts> fine = Map.of("p", completes(5), "q", completes(5));
            assertThat(contrast.judge("fine", fine, TICK).values()).containsOnly(new Verdict(0, 0));
            out = requireNonNull(contrast.judge("quota", quota, TICK).get("p")).refusal() == 429 ? i * TICK : 0;
        }
        assertThat(out).isBetween(1.0, 31.0);
    }

    @Test
    void the_only_member_has_nobody_to_be_compared_with() {
        for (int i = 0; i < 10 * MINUTE; i++) {
            Map<String, Counts> counts = Map.of("p", refuses(10, 401));
            assertThat(contrast.judge("solo", counts, TICK).values()).containsOnly(new Verdict(0, 0));
        }
    }

    @Test
    void a_removed_pool_leaves_nothing_behind() {
        secondsUntilOut(refuses(20, 401), completes(20));
        contrast.retainPools(java.util.Set.of());
        assertThat(p(refuses(1, 401), completes(1))).isEqualTo(new Verdict(0, 0));
    }
}
