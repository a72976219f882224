package dev.weir.sim.experiment;

import dev.weir.sim.Law;
import dev.weir.weights.Calculator;
import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.weights.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One pool whose demand answers to its published price with constant elasticity and a lag, {@code D = a p^-e}, and doubles
 * once the price has come to rest.
 */
final class PriceLoop {
    private static final double TICK = 0.25;
    private static final int STEP_AT = 4 * 600;
    private static final int TICKS = STEP_AT + 4 * 900;
    private static final int CALM = 4 * 20;
    private static final double CAPACITY = 400;
    private static final int SLOTS = 40;
    private static final long MIN_PRICE = 1000;
    /** Rest before the step, as a multiple of the lowest price. */
    private static final double REST = 4;

    private PriceLoop() {}

    /**
     * @param publications after the step until the price stays within 10 % of its new rest for 20 s; infinite = never
     * @param overshoot largest share by which the price passed its new rest
     * @param spread standard deviation of ln p over the last five minutes
     * @param utilisation mean demand over capacity then
     */
    record Outcome(double publications, double overshoot, double spread, double utilisation) {}

    /** @param lagTicks ticks from a price's publication to the demand that answers to it */
    static Outcome run(int lagTicks, double elasticity, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Settings settings = Settings.DEFAULTS;
        Calculator calculator = new Calculator(settings, null);
        double target = settings.targetUtilisation() * CAPACITY;
        List<Double> prices = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        double queue = 0;
        double used = 0;
        long arrived = 0;
        for (int tick = 0; tick < TICKS; tick++) {
            double price = prices.isEmpty() ? MIN_PRICE : prices.get(Math.max(0, tick - 1 - lagTicks));
            double scale = tick >= STEP_AT ? 2 : 1;
            double demand = scale * target * Math.pow(price / (REST * MIN_PRICE), -elasticity);
            // demand has a ceiling, as no crowd of clients is infinite when the price is at its lowest
            arrived = poisson(Math.min(demand, 5 * CAPACITY) * TICK, random);
            double done = Math.min(queue + arrived, CAPACITY * TICK);
            queue = Math.min(queue + arrived - done, 10 * CAPACITY);
            used += tick >= TICKS - 1200 ? arrived : 0;
            long inFlight = Math.round(Math.min(SLOTS, demand * SLOTS / CAPACITY) + queue);
            PoolInput pool = new PoolInput(
                    "p", List.of(new MemberInput("a", inFlight, arrived, Math.round(done), 0, false)), MIN_PRICE, 1);
            PoolProposal now = calculator
                    .tick(new Observation(
                            Math.round(tick * TICK * 1e9),
                            false,
                            List.of(pool),
                            List.of(new ProviderInput("a", CAPACITY, SLOTS, 0))))
                    .pools()
                    .get(0);
            prices.add((double) now.price());
            numbers.add(now.priceNumber());
        }
        double rest = REST * MIN_PRICE * Math.pow(2, 1 / elasticity);
        return new Outcome(
                publications(prices, numbers, rest),
                overshoot(prices, rest),
                spread(prices),
                used / 1200 / (CAPACITY * TICK));
    }

    private static double publications(List<Double> prices, List<Long> numbers, double rest) {
        int within = 0;
        for (int tick = STEP_AT; tick < TICKS; tick++) {
            within = Math.abs(prices.get(tick) / rest - 1) <= 0.1 ? within + 1 : 0;
            if (within == CALM) {
                return numbers.get(tick - CALM + 1) - numbers.get(STEP_AT);
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    private static double overshoot(List<Double> prices, double rest) {
        double most = prices.subList(STEP_AT, TICKS).stream()
                .mapToDouble(Double::doubleValue)
                .max()
                .orElseThrow();
        return Math.max(0, most / rest - 1);
    }

    private static double spread(List<Double> prices) {
        double[] logs = prices.subList(TICKS - 1200, TICKS).stream()
                .mapToDouble(Math::log)
                .toArray();
        double mean = 0;
        for (double log : logs) {
            mean += log / logs.length;
        }
        double squares = 0;
        for (double log : logs) {
            squares += (log - mean) * (log - mean);
        }
        return Math.sqrt(squares / logs.length);
    }

    private static long poisson(double mean, SplittableRandom random) {
        long count = 0;
        for (double left = mean - Law.exponential(random); left > 0; left -= Law.exponential(random)) {
            count++;
        }
        return count;
    }
}
