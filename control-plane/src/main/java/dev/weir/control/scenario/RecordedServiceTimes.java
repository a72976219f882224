package dev.weir.control.scenario;

import dev.weir.control.ledger.RecordedCalls.Attempt;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * How long a provider serves, from attempts that did not wait: answered ones that found a free slot when they came.
 *
 * @param meanSeconds as the sidecar saw them, the way there and back included
 * @param squaredVariation {@code Var / mean^2}
 * @param samples how many attempts that rests on
 */
record RecordedServiceTimes(double meanSeconds, double squaredVariation, int samples) {
    /** Fewer say too little about variation. */
    static final int ENOUGH = 30;

    /**
     * @param attempts in order of their starts
     * @return nothing when too few met a free slot
     */
    static Optional<RecordedServiceTimes> of(List<Attempt> attempts, int slots) {
        PriorityQueue<Long> ends = new PriorityQueue<>();
        int n = 0;
        double sum = 0;
        double squares = 0;
        for (Attempt attempt : attempts) {
            leave(ends, attempt.startMicros());
            if (ends.size() < slots && attempt.answered() && attempt.micros() > 0) {
                double seconds = attempt.micros() * 1e-6;
                n++;
                sum += seconds;
                squares += seconds * seconds;
            }
            ends.add(attempt.startMicros() + attempt.micros());
        }
        if (n < ENOUGH) {
            return Optional.empty();
        }
        double mean = sum / n;
        return Optional.of(new RecordedServiceTimes(mean, Math.max(0, squares / n / (mean * mean) - 1), n));
    }

    /** Most attempts that were there at a time. */
    static int mostInFlight(List<Attempt> attempts) {
        PriorityQueue<Long> ends = new PriorityQueue<>();
        int most = 0;
        for (Attempt attempt : attempts) {
            leave(ends, attempt.startMicros());
            ends.add(attempt.startMicros() + attempt.micros());
            most = Math.max(most, ends.size());
        }
        return most;
    }

    private static void leave(PriorityQueue<Long> ends, long now) {
        Long end = ends.peek();
        while (end != null && end <= now) {
            ends.remove();
            end = ends.peek();
        }
    }
}
