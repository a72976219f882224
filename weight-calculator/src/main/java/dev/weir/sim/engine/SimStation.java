package dev.weir.sim.engine;

import dev.weir.sim.Scenario.Provider;
import java.util.Arrays;

/** One provider: a FIFO queue in front of slots that run at some speed. */
final class SimStation {
    final Provider provider;
    final IntRing waiting = new IntRing();
    private final int[] running;
    private int runningCount;
    private int dropped;

    double speed = 1;
    boolean refusing;
    /** first attempts are refused from here on, requests */
    double limitFirst = Double.POSITIVE_INFINITY;
    /** all attempts are refused from here on, requests */
    final double limitAny;

    SimStation(Provider provider, double longestWaitSeconds) {
        this.provider = provider;
        this.running = new int[provider.slots()];
        this.limitAny = provider.slots() + provider.capacity() * longestWaitSeconds;
    }

    /** Requests waiting or in service. */
    int inFlight() {
        return waiting.size() - dropped + runningCount;
    }

    int waitingCount() {
        return waiting.size() - dropped;
    }

    boolean refuses(boolean first) {
        return turnsAway() || (first && inFlight() >= limitFirst);
    }

    /** Whether it refuses every request: an error, not a hint to look elsewhere. */
    boolean turnsAway() {
        return refusing || inFlight() >= limitAny;
    }

    boolean hasRoom() {
        return runningCount < running.length;
    }

    int runningCount() {
        return runningCount;
    }

    int running(int place) {
        return running[place];
    }

    /** Puts an attempt into service; returns when it ends, infinite while the station stands still. */
    double start(Attempts attempts, int attempt, double now) {
        attempts.place[attempt] = runningCount;
        running[runningCount++] = attempt;
        attempts.startedAt[attempt] = now;
        attempts.since[attempt] = now;
        return end(attempts, attempt, now);
    }

    /** Takes an attempt out of service. */
    void stop(Attempts attempts, int attempt) {
        int place = attempts.place[attempt];
        int last = running[--runningCount];
        running[place] = last;
        attempts.place[last] = place;
    }

    /** A waiting attempt will be skipped when its turn comes. */
    void dropWaiting() {
        dropped++;
    }

    void skipped() {
        dropped--;
    }

    /** Sets the speed; what runs has then {@code remaining} as of now. */
    void changeSpeed(Attempts attempts, double factor, double now) {
        for (int i = 0; i < runningCount; i++) {
            int attempt = running[i];
            double done = (now - attempts.since[attempt]) * speed;
            attempts.remaining[attempt] = Math.max(0, attempts.remaining[attempt] - done);
            attempts.since[attempt] = now;
            attempts.plan[attempt]++;
        }
        speed = factor;
    }

    double end(Attempts attempts, int attempt, double now) {
        return speed > 0 ? now + attempts.remaining[attempt] / speed : Double.POSITIVE_INFINITY;
    }

    /** Forgets everything it holds; returns what was in service, then what was waiting. */
    int[] loseAll() {
        int[] all = Arrays.copyOf(running, runningCount + waiting.size());
        for (int i = runningCount; i < all.length; i++) {
            all[i] = waiting.remove();
        }
        runningCount = 0;
        dropped = 0;
        return all;
    }
}
