package dev.weir.control.usage;

import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * Tokens by size, learnt from the newest {@value #SAMPLES} calls: the line of Theil and Sen (the median of slopes, then of
 * what they leave), which a quarter of wrong samples does not turn. Where sizes differ too little to tell what belongs to
 * each call from what belongs to each byte, it goes through the origin. Not safe for several threads.
 */
final class TokenLine {
    private static final int SAMPLES = 64;
    private static final int FEW = 5;
    /** How many times as large as a small call a large one must be. */
    private static final double SPREAD = 2;

    private final float[] sizes = new float[SAMPLES];
    private final float[] tokens = new float[SAMPLES];
    private long added;
    private @Nullable Line line;

    private record Sample(double size, double tokens) {}

    private record Line(double slope, double rest, double error) {
        Line(double slope, double rest, Sample[] samples) {
            this(
                    slope,
                    rest,
                    median(Arrays.stream(samples).mapToDouble(s -> Math.abs(s.tokens - (rest + slope * s.size)))));
        }
    }

    /** Learns a call's size and tokens; a size that is not positive says nothing. */
    void add(double size, double counted) {
        if (size > 0) {
            sizes[(int) (added % SAMPLES)] = (float) size;
            tokens[(int) (added % SAMPLES)] = (float) counted;
            added++;
            line = null;
        }
    }

    /** Whether enough was seen. */
    boolean known() {
        return added >= FEW;
    }

    /** Tokens of a call of this size, {@code >= 0}; empty = not {@link #known}, or it has no size. */
    OptionalDouble at(double size) {
        if (!known() || size <= 0) {
            return OptionalDouble.empty();
        }
        Line now = line();
        return OptionalDouble.of(Math.max(0, now.rest + now.slope * size));
    }

    /** How far off a call is in the middle, tokens. Only when {@link #known}. */
    double error() {
        return line().error;
    }

    private Line line() {
        Line now = line;
        if (now == null) {
            now = fitted();
            line = now;
        }
        return now;
    }

    private Line fitted() {
        int n = (int) Math.min(added, SAMPLES);
        Sample[] samples = new Sample[n];
        for (int i = 0; i < n; i++) {
            samples[i] = new Sample(sizes[i], tokens[i]);
        }
        Arrays.sort(samples, Comparator.comparingDouble(Sample::size));
        if (samples[n - 1 - n / 8].size < SPREAD * samples[n / 8].size) {
            return new Line(median(Arrays.stream(samples).mapToDouble(s -> s.tokens / s.size)), 0, samples);
        }
        double[] slopes = new double[n / 2];
        int known = 0;
        for (int i = 0; i < n / 2; i++) {
            Sample small = samples[i];
            Sample large = samples[i + (n + 1) / 2];
            if (large.size > small.size) {
                slopes[known++] = (large.tokens - small.tokens) / (large.size - small.size);
            }
        }
        double slope = Math.max(0, median(Arrays.stream(slopes, 0, known)));
        double rest = median(Arrays.stream(samples).mapToDouble(s -> s.tokens - slope * s.size));
        return new Line(slope, rest, samples);
    }

    private static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int n = sorted.length;
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
}
