package dev.weir.weights.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PacedBucketTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;

    /** One that went: when its record comes, and what it used of what was reserved. */
    private record Sent(long recordAt, PacedBucket.Reservation reservation, double used) {}

    /** Requests that wait in line for the bucket. */
    private static final class Line {
        private final PacedBucket bucket;
        private final List<Judge> judges = new ArrayList<>();
        private final PriorityQueue<Sent> open =
                new PriorityQueue<>((a, b) -> Long.compare(a.recordAt(), b.recordAt()));
        private final Random random;
        private double used;
        private double recordDelaySeconds;
        private double lost;

        Line(PacedBucket bucket, double limit, Random random) {
            this.bucket = bucket;
            this.random = random;
            judges.add(Judge.sliding(limit, MINUTE));
            judges.add(Judge.tokenBucket(limit, MINUTE));
            for (int i = 0; i < 20; i++) {
                judges.add(Judge.fixed(limit, MINUTE, (long) (random.nextDouble() * MINUTE)));
            }
        }

        /**
         * @param perSecond arrivals
         * @param usage of one request
         * @param over by which factor a reservation is larger
         */
        void run(double perSecond, DoubleSupplier usage, DoubleSupplier over, long from, long until) {
            Deque<Double> waiting = new ArrayDeque<>();
            long now = from;
            long arrival = from;
            while (now < until) {
                while (arrival <= now) {
                    waiting.add(usage.getAsDouble());
                    arrival += (long) (-Math.log(1 - random.nextDouble()) / perSecond * SECOND) + 1;
                }
                records(now);
                double next = Double.POSITIVE_INFINITY;
                if (!waiting.isEmpty()) {
                    double units = waiting.getFirst();
                    double estimate = units * over.getAsDouble();
                    next = bucket.waitSeconds(estimate, now);
                    if (next == 0) {
                        waiting.removeFirst();
                        send(units, estimate, now);
                        continue;
                    }
                }
                long later = now + (long) Math.min(1e15, Math.ceil(next * SECOND));
                long record = open.isEmpty() ? Long.MAX_VALUE : open.peek().recordAt();
                now = Math.max(now + 1, Math.min(record, Math.min(arrival, later)));
            }
        }

        private void send(double units, double estimate, long now) {
            PacedBucket.Reservation reservation = bucket.reserve(estimate, now);
            if (random.nextDouble() >= lost) {
                open.add(
                        new Sent(now + (long) (random.nextDouble() * recordDelaySeconds * SECOND), reservation, units));
            }
            judges.forEach(judge -> judge.request(units, now));
            used += units;
        }

        private void records(long now) {
            while (!open.isEmpty() && open.peek().recordAt() <= now) {
                Sent sent = open.remove();
                bucket.settle(sent.reservation(), sent.used(), now);
            }
        }

        void nothingWasRefused() {
            assertThat(judges).extracting(Judge::refused).containsOnly(0);
        }
    }

    @ParameterizedTest(name = "limit {0}, demand {1} of it")
    @CsvSource({"500, 0.95", "500, 1.5", "20, 1.2", "5, 2", "3, 2", "100000, 1.1"})
    void requests_use_a_quota_and_never_exceed_it_however_the_provider_counts(double limit, double demand) {
        PacedBucket bucket = PacedBucket.of(limit, 60, 0);
        Line line = new Line(bucket, limit, new Random(7));
        int minutes = limit > 1_000 ? 2 : 30;
        line.run(demand * limit / 60, () -> 1, () -> 1, 0, minutes * MINUTE);
        line.nothingWasRefused();
        assertThat(line.used / (limit * minutes)).as("share used").isBetween(0.93, 1.0);
    }

    @ParameterizedTest(name = "reserved up to {0} times, records up to {1} s late, {2} never")
    @CsvSource({"1, 5, 0", "3, 5, 0", "3, 150, 0", "20, 30, 0", "2, 20, 0.02"})
    void what_is_given_back_is_used_again_and_no_window_exceeds_the_limit(double over, double late, double lost) {
        for (int seed = 0; seed < 4; seed++) {
            Random random = new Random(seed);
            Line line = new Line(PacedBucket.of(100_000, 60, 0), 100_000, random);
            line.recordDelaySeconds = late;
            line.lost = lost;
            line.run(
                    1.3 * 100_000 / 60 / 300,
                    () -> 1 + random.nextInt(599),
                    () -> 1 + random.nextDouble() * (over - 1),
                    0,
                    20 * MINUTE);
            line.nothingWasRefused();
        }
    }

    @Test
    void reservations_that_are_twice_too_large_cost_no_throughput_where_records_come_soon() {
        Random random = new Random(3);
        Line line = new Line(PacedBucket.of(100_000, 60, 0), 100_000, random);
        line.recordDelaySeconds = 1;
        line.run(1.2 * 100_000 / 60 / 300, () -> 1 + random.nextInt(599), () -> 2, 0, 20 * MINUTE);
        line.nothingWasRefused();
        assertThat(line.used / (20 * 100_000.0)).isGreaterThan(0.93);
    }

    @Test
    void after_an_hour_of_idling_no_more_than_the_depth_goes_at_once() {
        PacedBucket bucket = PacedBucket.of(500, 60, 0);
        int burst = 0;
        while (bucket.waitSeconds(1, 3_600 * SECOND) == 0) {
            bucket.reserve(1, 3_600 * SECOND);
            burst++;
        }
        assertThat(burst).isEqualTo(20);
        assertThat(bucket.rate()).isCloseTo(8, within(1e-9));
    }

    @Test
    void a_request_larger_than_the_depth_goes_and_one_larger_than_the_limit_never() {
        PacedBucket bucket = PacedBucket.of(1_000, 60, 0);
        assertThat(bucket.waitSeconds(900, 0)).isZero();
        bucket.reserve(900, 0);
        assertThat(bucket.waitSeconds(100, 0)).isGreaterThan(50);
        assertThat(bucket.waitSeconds(1_001, 0)).isInfinite();
    }

    @Test
    void a_wait_is_no_longer_than_it_takes() {
        Random random = new Random(5);
        PacedBucket bucket = PacedBucket.of(300, 60, 0);
        long now = 0;
        for (int i = 0; i < 5_000; i++) {
            double units = 1 + random.nextInt(60);
            double wait = bucket.waitSeconds(units, now);
            long then = now + (long) Math.ceil(wait * SECOND);
            if (wait > 0.01) {
                assertThat(bucket.waitSeconds(units, then - SECOND / 100)).isPositive();
            }
            // a slot's end is met to the nanosecond, or the next
            assertThat(bucket.waitSeconds(units, then + 2)).isZero();
            bucket.reserve(units, then + 2);
            now = then + 2;
        }
    }

    @Test
    void what_the_provider_says_is_left_counts_less_what_went_since() {
        PacedBucket bucket = PacedBucket.of(600, 60, 0);
        bucket.reserve(4, 0);
        long now = 10 * SECOND;
        bucket.reserve(6, now);
        bucket.learn(new QuotaReport(QuotaUnit.REQUESTS, 600, 10, 30, 60), now - SECOND / 2, now);
        assertThat(bucket.level(now)).as("others use it too").isEqualTo(4);
        bucket.learn(new QuotaReport(QuotaUnit.REQUESTS, 600, 500, 30, 60), now, now);
        assertThat(bucket.level(now)).as("never more than was earned").isEqualTo(4);
        bucket.learn(new QuotaReport(QuotaUnit.REQUESTS, 60, QuotaReport.UNSAID, 30, 60), now, now);
        assertThat(bucket.limit()).isEqualTo(60);
        assertThat(bucket.told()).isTrue();
        assertThat(bucket.rate()).isLessThan(1);
    }

    @Test
    void where_no_limit_is_told_refusals_halve_the_pace_at_most_once_per_window_and_it_grows_again() {
        PacedBucket bucket = PacedBucket.unlimited(60, 0);
        for (int i = 0; i < 200; i++) {
            assertThat(bucket.waitSeconds(1, i * SECOND / 4)).isZero();
            bucket.reserve(1, i * SECOND / 4);
        }
        long now = 50 * SECOND;
        bucket.refused(now);
        assertThat(bucket.limit()).isEqualTo(100);
        bucket.refused(now + SECOND);
        assertThat(bucket.limit()).as("the same window").isEqualTo(100);
        assertThat(bucket.waitSeconds(1, now + SECOND)).isPositive();
        bucket.waitSeconds(1, now + 130 * SECOND);
        assertThat(bucket.limit()).isEqualTo(110);
        bucket.refused(now + 130 * SECOND);
        assertThat(bucket.limit()).isEqualTo(55);
        bucket.waitSeconds(1, now + 3_600 * SECOND);
        assertThat(bucket.limit()).as("a window that is longer than it was").isGreaterThan(200);
    }

    @Test
    void an_unknown_limit_is_found_with_few_refusals() {
        PacedBucket bucket = PacedBucket.unlimited(60, 0);
        Judge judge = Judge.fixed(300, MINUTE, 17 * SECOND);
        int refused = 0;
        int served = 0;
        for (long now = 0; now < 60 * MINUTE; now += SECOND / 10) {
            if (bucket.waitSeconds(1, now) == 0) {
                bucket.reserve(1, now);
                int before = judge.refused();
                judge.request(1, now);
                if (judge.refused() > before) {
                    refused++;
                    bucket.refused(now);
                } else {
                    served++;
                }
            }
        }
        assertThat(refused).isLessThan(served / 50);
        assertThat(served / (60 * 300.0))
                .as("of the quota, once it is looked for")
                .isGreaterThan(0.6);
    }

    @Test
    void a_window_of_another_length_keeps_what_was_spent() {
        PacedBucket bucket = PacedBucket.of(100, 60, 0);
        long now = 0;
        for (int i = 0; i < 90; i++) {
            now += SECOND;
            bucket.reserve(1, now);
        }
        bucket.learn(new QuotaReport(QuotaUnit.REQUESTS, 100, QuotaReport.UNSAID, 0, 3_600), now, now);
        assertThat(bucket.level(now)).isLessThanOrEqualTo(100 - 59);
    }
}
