package dev.weir.weights.quota;

import java.util.ArrayDeque;
import java.util.Deque;

/** How providers count: each refuses strictly, and counts what it refused. */
abstract class Judge {
    final double limit;
    final long window;
    private int refused;

    Judge(double limit, long windowNanos) {
        this.limit = limit;
        this.window = windowNanos;
    }

    final void request(double units, long now) {
        if (!takes(units, now)) {
            refused++;
        }
    }

    final int refused() {
        return refused;
    }

    abstract boolean takes(double units, long now);

    /** Windows one after the other, the first of which begins at {@code offset}. */
    static Judge fixed(double limit, long windowNanos, long offset) {
        return new Judge(limit, windowNanos) {
            private long current = Long.MIN_VALUE;
            private double used;

            @Override
            boolean takes(double units, long now) {
                long number = Math.floorDiv(now - offset, window);
                if (number != current) {
                    current = number;
                    used = 0;
                }
                used += units;
                return used <= limit + 1e-6;
            }
        };
    }

    /** Whatever came within the last window. */
    static Judge sliding(double limit, long windowNanos) {
        return new Judge(limit, windowNanos) {
            private final Deque<double[]> seen = new ArrayDeque<>();
            private double used;

            @Override
            boolean takes(double units, long now) {
                while (!seen.isEmpty() && seen.getFirst()[0] <= now - window) {
                    used -= seen.removeFirst()[1];
                }
                seen.addLast(new double[] {now, units});
                used += units;
                return used <= limit + 1e-6;
            }
        };
    }

    /** Full at first, and filling steadily. */
    static Judge tokenBucket(double limit, long windowNanos) {
        return new Judge(limit, windowNanos) {
            private double level = limit;
            private long at;

            @Override
            boolean takes(double units, long now) {
                level = Math.min(limit, level + limit * (now - at) / window);
                at = now;
                level -= units;
                return level >= -1e-6;
            }
        };
    }
}
