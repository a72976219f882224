package dev.weir.sim.engine;

import java.util.Arrays;

/** Attempts, as columns; numbers are used again, and a serial number tells two users of one number apart. */
final class Attempts {
    static final int NOBODY = -1;
    /** places of an attempt that is not in service */
    static final int WAITING = -1;

    static final int LOST = -2;
    static final int DROPPED = -3;

    /** the request, or {@link #NOBODY} when its caller has given up */
    int[] job = new int[1024];

    int[] provider = new int[1024];
    double[] sentAt = new double[1024];
    double[] startedAt = new double[1024];
    /** service still due when last looked at, seconds at speed 1 */
    double[] remaining = new double[1024];
    /** when {@link #remaining} was true */
    double[] since = new double[1024];
    /** position among the running of its station, or why it has none */
    int[] place = new int[1024];
    /** changes when the number gets another user */
    int[] life = new int[1024];
    /** changes when the planned end no longer holds */
    int[] plan = new int[1024];

    private int[] free = new int[1024];
    private int freeCount;
    private int used;

    int add(int ofJob, int at, double serviceSeconds, double now) {
        int attempt = freeCount > 0 ? free[--freeCount] : used++;
        if (attempt == job.length) {
            grow();
        }
        job[attempt] = ofJob;
        provider[attempt] = at;
        sentAt[attempt] = now;
        remaining[attempt] = serviceSeconds;
        place[attempt] = WAITING;
        return attempt;
    }

    void remove(int attempt) {
        life[attempt]++;
        plan[attempt]++;
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, free.length * 2);
        }
        free[freeCount++] = attempt;
    }

    private void grow() {
        int length = job.length * 2;
        job = Arrays.copyOf(job, length);
        provider = Arrays.copyOf(provider, length);
        sentAt = Arrays.copyOf(sentAt, length);
        startedAt = Arrays.copyOf(startedAt, length);
        remaining = Arrays.copyOf(remaining, length);
        since = Arrays.copyOf(since, length);
        place = Arrays.copyOf(place, length);
        life = Arrays.copyOf(life, length);
        plan = Arrays.copyOf(plan, length);
    }
}
