package dev.weir.control.testbed.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Plans of calls; the same seed gives the same plan on every machine. */
public final class CallPlans {
    private CallPlans() {}

    /**
     * A Poisson stream of exponential jobs with mean 1; every third call is streamed, every second of these asks for usage.
     *
     * @param perSecond mean calls per second, {@code > 0}
     * @param durationNanos no call is planned at or after this offset
     */
    public static List<PlannedCall> poisson(long seed, double perSecond, long durationNanos) {
        Random gaps = new Random(seed);
        Random sizes = new Random(seed ^ 0x5DEECE66DL);
        List<PlannedCall> plan = new ArrayList<>();
        double at = exponential(gaps) / perSecond;
        while (at * 1e9 < durationNanos) {
            int number = plan.size();
            plan.add(new PlannedCall(number, (long) (at * 1e9), exponential(sizes), number % 3 == 2, number % 6 == 2));
            at += exponential(gaps) / perSecond;
        }
        return List.copyOf(plan);
    }

    private static double exponential(Random random) {
        return -StrictMath.log1p(-random.nextDouble());
    }
}
