package dev.weir.weights.estimate;

/**
 * How many requests a provider serves at once when it has not declared it.
 *
 * <pre>
 *   R = (mean N) / X                   response time by Little's law, over the last 10 s
 *   S follows R                        down: time constant 10 s; up: 30 s, and only below half of the declared capacity
 *   s = max(1, mu S / w)               Little's law again: the slots that keep mu busy</pre>
 *
 * {@code S}, the service time, is the least response time of late: what gradient limits compare with (Vegas: Brakmo and
 * Peterson, IEEE JSAC 13, 1995; the limits of Netflix's concurrency-limits). A longer one is queueing unless there is little
 * work, where there is next to no queue to explain it. Until five completions were seen no queue is assumed,
 * {@code s = max(1, N)}.
 *
 * <p>Limit: a provider that is never seen without a queue seems to have more slots than it has, by at most {@code R / S}.
 * Declaring slots is better.
 *
 * <p>Worked example: 3 in flight on average, 30 completions per second: {@code R = .1 s}; declared 80 per second: 8 slots.
 */
public final class Concurrency {
    private static final double WINDOW_SECONDS = 10;
    private static final double DOWN_SECONDS = 10;
    private static final double UP_SECONDS = 30;
    private static final double LITTLE_WORK = 0.5;
    private static final double ENOUGH = 5;
    private static final int MOST = 1_000_000;

    private final DecayedRate inFlight = new DecayedRate(WINDOW_SECONDS);
    private final DecayedRate completed = new DecayedRate(WINDOW_SECONDS);
    private double completions;
    private double serviceSeconds;

    /**
     * @param n requests in flight, fresh
     * @param done completions since the call before
     * @param perSecond requests per second that it has declared, {@code > 0}
     * @param dt seconds since the call before
     */
    public void observe(double n, double done, double perSecond, double dt) {
        if (!(dt > 0)) {
            return;
        }
        inFlight.add(n * dt, dt);
        completed.add(done, dt);
        completions = Math.min(ENOUGH, completions + done);
        double rate = completed.perSecond();
        if (completions < ENOUGH || rate * WINDOW_SECONDS < 1) {
            return;
        }
        double response = inFlight.perSecond() / rate;
        if (serviceSeconds == 0) {
            serviceSeconds = response;
        } else if (response < serviceSeconds) {
            serviceSeconds += (response - serviceSeconds) * (1 - StrictMath.exp(-dt / DOWN_SECONDS));
        } else if (rate < LITTLE_WORK * perSecond) {
            serviceSeconds += (response - serviceSeconds) * (1 - StrictMath.exp(-dt / UP_SECONDS));
        }
    }

    /**
     * @param n requests in flight
     * @param perSecond requests per second that it has declared
     * @return 1 to 1 000 000
     */
    public int slots(double n, double perSecond) {
        double slots = serviceSeconds > 0 ? perSecond * serviceSeconds : n;
        return (int) Math.max(1, Math.min(MOST, Math.round(slots)));
    }
}
