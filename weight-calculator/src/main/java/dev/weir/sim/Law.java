package dev.weir.sim;

import java.util.SplittableRandom;

/**
 * How job sizes vary: a size has mean 1 and multiplies a provider's mean service time.
 *
 * <p>Draws use {@link StrictMath}, so a seed gives the same sizes on every machine.
 */
public sealed interface Law {
    /** Every job has size 1. */
    Law DETERMINISTIC = new Deterministic();

    /** Exponential sizes: squared coefficient of variation 1. */
    Law EXPONENTIAL = new Exponential();

    /** One size, mean 1. */
    double draw(SplittableRandom random);

    /** Variance over squared mean. */
    double squaredVariation();

    /**
     * Lognormal sizes.
     *
     * @param cv2 squared coefficient of variation, {@code > 0}; 4 is a heavy tail
     */
    static Law lognormal(double cv2) {
        if (!(cv2 > 0 && cv2 <= 1e4)) {
            throw new IllegalArgumentException("cv2: " + cv2 + " (expected: over 0, at most 10000)");
        }
        return new Lognormal(cv2, StrictMath.sqrt(StrictMath.log(1 + cv2)));
    }

    /** An exponential draw with mean 1. */
    static double exponential(SplittableRandom random) {
        return -StrictMath.log(1 - random.nextDouble());
    }

    /** See {@link #DETERMINISTIC}. */
    record Deterministic() implements Law {
        @Override
        public double draw(SplittableRandom random) {
            return 1;
        }

        @Override
        public double squaredVariation() {
            return 0;
        }
    }

    /** See {@link #EXPONENTIAL}. */
    record Exponential() implements Law {
        @Override
        public double draw(SplittableRandom random) {
            return exponential(random);
        }

        @Override
        public double squaredVariation() {
            return 1;
        }
    }

    /**
     * {@code e^(sigma Z - sigma^2 / 2)}, so the mean is 1 and {@code cv^2 = e^(sigma^2) - 1}.
     *
     * @param squaredVariation cv^2
     * @param sigma standard deviation of the logarithm
     */
    record Lognormal(double squaredVariation, double sigma) implements Law {
        @Override
        public double draw(SplittableRandom random) {
            // Box-Muller, one of the pair: two draws per size whatever they are, so streams stay aligned
            double radius = StrictMath.sqrt(2 * exponential(random));
            double z = radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
            return StrictMath.exp(sigma * z - sigma * sigma / 2);
        }
    }
}
