package dev.weir.control.demo;

import dev.weir.control.testbed.load.CallResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A policy's mean wait by the second in which calls were meant to be sent.
 *
 * @param policy its name
 * @param meanWaitMillis by second; NaN where no call was answered
 */
record WaitCurve(String policy, List<Double> meanWaitMillis) {
    WaitCurve {
        meanWaitMillis = List.copyOf(meanWaitMillis);
    }

    static WaitCurve of(String policy, int seconds, List<CallResult> results) {
        double[] sums = new double[seconds];
        long[] counts = new long[seconds];
        for (CallResult result : results) {
            int second =
                    Math.toIntExact(TimeUnit.NANOSECONDS.toSeconds(result.call().offsetNanos()));
            if (result.answered() && second < seconds) {
                sums[second] += result.waitNanos() / 1e6;
                counts[second]++;
            }
        }
        List<Double> means = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            means.add(counts[i] == 0 ? Double.NaN : sums[i] / counts[i]);
        }
        return new WaitCurve(policy, means);
    }
}
