package dev.weir.weights.estimate;

/**
 * How many requests a provider serves at once when it has not declared it.
 *
 * <pre>
 *   R = (mean N) / X              response time by Little's law, over the last 10 s
 *   S follows R                   down with a time constant of 10 s, up with one of an hour; of the first 1 000 completions
 *                                 every one counts the same
 *   s = max(1, mu S / w)          Little's law again: the slots that keep the declared mu busy</pre>
 *
 * {@code S}, the service time, is the least response time of late: what gradient limits compare with (Vegas: Brakmo and
 * Peterson, IEEE JSAC 13, 1995; the limits of Netflix's concurrency-limits). A longer one is queueing. It is all but never taken
 * for service: were it, slots would grow with the queue, the queue with the slots, and a provider that has become slow would
 * end up with all of it. Until five completions were seen no queue is assumed, {@code s = max(1, N)}.
 *
 * <p>Limit: a provider that declares and at once is never seen without a queue seems to have up to {@code R / S} times its
 * slots; one whose service times grow while its capacity stays seems to queue until it declares again. Declaring slots is
 * better.
 *
 * <p>Worked example: 3 in flight on average, 30 completions per second: {@code R = .1 s}; declared 80 per second: 8 slots.
 */
public final class Concurrency {
    private static final double WINDOW_SECONDS = 10;
    private static final double DOWN_SECONDS = 10;
    private static final double UP_SECONDS = 3600;
    /** However long the queue, no more than this goes into an hour's rise. */
    private static final double MAX_TIMES = 2;

    private static final double FIRST = 1000;
    private static final double ENOUGH = 5;
    private static final int MAX = 1_000_000;

    private final DecayedRate inFlight = new DecayedRate(WINDOW_SECONDS);
    private final DecayedRate completed = new DecayedRate(WINDOW_SECONDS);
    private double completions;
    private double serviceSeconds;

    /**
     * @param n requests in flight, fresh
     * @param done completions since the call before
     * @param dt seconds since the call before
     */
    public void observe(double n, double done, double dt) {
        if (!(dt > 0)) {
            return;
        }
        inFlight.add(n * dt, dt);
        completed.add(done, dt);
        completions = Math.min(FIRST, completions + done);
        double rate = completed.perSecond();
        if (completions < ENOUGH || rate * WINDOW_SECONDS < 1) {
            return;
        }
        double response = inFlight.perSecond() / rate;
        if (serviceSeconds == 0) {
            serviceSeconds = response;
            return;
        }
        double tau = response < serviceSeconds ? DOWN_SECONDS : UP_SECONDS;
        double follow = 1 - StrictMath.exp(-dt / tau);
        double target = Math.min(response, MAX_TIMES * serviceSeconds);
        if (completions < FIRST) {
            follow = Math.max(follow, Math.min(1, done / completions));
            target = response;
        }
        serviceSeconds += follow * (target - serviceSeconds);
    }

    /** Forgets what was learnt: the provider has declared anew, and it may be wrong. */
    public void forget() {
        completions = 0;
        serviceSeconds = 0;
    }

    /**
     * @param n requests in flight
     * @param perSecond requests per second that it has declared
     * @return 1 to 1 000 000
     */
    public int slots(double n, double perSecond) {
        double slots = serviceSeconds > 0 ? perSecond * serviceSeconds : n;
        return (int) Math.max(1, Math.min(MAX, Math.round(slots)));
    }
}
