package dev.weir.bench.loop;

import java.util.List;
import java.util.Map;

/**
 * One run, as it went.
 *
 * @param outcomes by number of the job
 * @param looks at the providers, in order of time
 * @param lateNanos of each job, how long after its time it was sent
 * @param notes figures that events took, by what they are
 * @param releases decisions released while jobs arrived
 * @param envoyCpuNanos of all Envoys while jobs arrived
 * @param controlCpuNanos of the control plane while jobs arrived
 */
record Run(
        Trial trial,
        List<Outcome> outcomes,
        List<Look> looks,
        List<Long> lateNanos,
        Map<String, Double> notes,
        long releases,
        long envoyCpuNanos,
        long controlCpuNanos) {
    /**
     * All providers at one moment.
     *
     * @param atSeconds from the start of the run
     * @param waiting jobs in all queues
     * @param attempts that have arrived so far, by position of the provider
     */
    record Look(double atSeconds, int waiting, List<Long> attempts) {}

    Run {
        outcomes = List.copyOf(outcomes);
        looks = List.copyOf(looks);
        lateNanos = List.copyOf(lateNanos);
        notes = Map.copyOf(notes);
    }

    /** Attempts that arrived at a provider in an interval. */
    long sentInto(int server, double fromSeconds, double toSeconds) {
        return attemptsUntil(server, toSeconds) - attemptsUntil(server, fromSeconds);
    }

    private long attemptsUntil(int server, double seconds) {
        long attempts = 0;
        for (Look look : looks) {
            if (look.atSeconds() <= seconds) {
                attempts = look.attempts().get(server);
            }
        }
        return attempts;
    }
}
