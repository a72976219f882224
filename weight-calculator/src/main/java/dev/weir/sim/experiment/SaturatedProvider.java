package dev.weir.sim.experiment;

import dev.weir.sim.Law;
import dev.weir.weights.detect.OverDeclaration;
import dev.weir.weights.detect.SizeVariability;
import java.util.SplittableRandom;

/** A provider whose slots are always busy, watched by the core's detector of over-declared capacity. */
final class SaturatedProvider {
    private static final int SLOTS = 8;
    private static final double SERVICE = 0.05;
    private static final double TICK = 0.25;

    private SaturatedProvider() {}

    /**
     * Completions until the alarm; infinite when there is none within {@code most}.
     *
     * @param truth what it does of what it declares
     */
    static double alarmAfter(double truth, Law law, long most, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        OverDeclaration detector = new OverDeclaration();
        SizeVariability sizes = new SizeVariability();
        double[] size = new double[SLOTS];
        double[] ends = new double[SLOTS];
        for (int i = 0; i < SLOTS; i++) {
            size[i] = law.draw(random);
            ends[i] = size[i] * SERVICE / truth;
        }
        long done = 0;
        for (int tick = 1; done < most; tick++) {
            long before = done;
            for (int i = 0; i < SLOTS; i++) {
                while (ends[i] <= tick * TICK) {
                    sizes.add(size[i]);
                    size[i] = law.draw(random);
                    ends[i] += size[i] * SERVICE / truth;
                    done++;
                }
            }
            detector.saturated(TICK, SLOTS / SERVICE, done - before, sizes.squaredVariation());
            if (detector.alarm()) {
                return done;
            }
        }
        return Double.POSITIVE_INFINITY;
    }
}
