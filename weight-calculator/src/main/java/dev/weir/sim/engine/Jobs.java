package dev.weir.sim.engine;

import java.util.Arrays;

/** Requests in the system, as columns; numbers are used again. */
final class Jobs {
    double[] arrived = new double[1024];
    double[] size = new double[1024];
    /** how many came before it */
    long[] number = new long[1024];

    int[] pool = new int[1024];
    int[] sidecar = new int[1024];
    /** attempts so far; -1 = number not in use */
    int[] tries = filled(1024);

    private int[] free = new int[1024];
    private int freeCount;
    private int used;
    private int live;
    private long came;

    int live() {
        return live;
    }

    /** Numbers ever used: live ones are below. */
    int used() {
        return used;
    }

    int add(double now, int inPool, int atSidecar, double ofSize) {
        int job = freeCount > 0 ? free[--freeCount] : used++;
        if (job == arrived.length) {
            grow();
        }
        arrived[job] = now;
        number[job] = came++;
        size[job] = ofSize;
        pool[job] = inPool;
        sidecar[job] = atSidecar;
        tries[job] = 0;
        live++;
        return job;
    }

    void remove(int job) {
        tries[job] = -1;
        live--;
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, free.length * 2);
        }
        free[freeCount++] = job;
    }

    private void grow() {
        int length = arrived.length * 2;
        arrived = Arrays.copyOf(arrived, length);
        size = Arrays.copyOf(size, length);
        number = Arrays.copyOf(number, length);
        pool = Arrays.copyOf(pool, length);
        sidecar = Arrays.copyOf(sidecar, length);
        int old = tries.length;
        tries = Arrays.copyOf(tries, length);
        Arrays.fill(tries, old, length, -1);
    }

    private static int[] filled(int length) {
        int[] array = new int[length];
        Arrays.fill(array, -1);
        return array;
    }
}
