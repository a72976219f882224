package dev.weir.bench.loop;

import java.util.Random;

/** How job sizes vary around their mean of 1. */
enum Sizes {
    EXPONENTIAL {
        @Override
        double draw(Random random) {
            return -StrictMath.log1p(-random.nextDouble());
        }
    },
    /** Squared coefficient of variation 4: {@code exp(s z - s^2 / 2)} with {@code s^2 = ln(1 + 4)}. */
    LOGNORMAL {
        @Override
        double draw(Random random) {
            double variance = StrictMath.log(5);
            return StrictMath.exp(StrictMath.sqrt(variance) * random.nextGaussian() - variance / 2);
        }
    };

    abstract double draw(Random random);
}
