package dev.weir.sim.engine;

import java.util.Arrays;

/** A binary heap of (time, payload), smallest time first; equal times come out in an order that the inputs fix. */
final class EventHeap {
    private double[] times = new double[256];
    private long[] payloads = new long[256];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    double minTime() {
        return times[0];
    }

    void add(double time, long payload) {
        if (size == times.length) {
            times = Arrays.copyOf(times, size * 2);
            payloads = Arrays.copyOf(payloads, size * 2);
        }
        int at = size++;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (times[parent] <= time) {
                break;
            }
            times[at] = times[parent];
            payloads[at] = payloads[parent];
            at = parent;
        }
        times[at] = time;
        payloads[at] = payload;
    }

    long removeMin() {
        long min = payloads[0];
        double time = times[--size];
        long payload = payloads[size];
        int at = 0;
        int half = size >>> 1;
        while (at < half) {
            int child = 2 * at + 1;
            if (child + 1 < size && times[child + 1] < times[child]) {
                child++;
            }
            if (time <= times[child]) {
                break;
            }
            times[at] = times[child];
            payloads[at] = payloads[child];
            at = child;
        }
        times[at] = time;
        payloads[at] = payload;
        return min;
    }
}
