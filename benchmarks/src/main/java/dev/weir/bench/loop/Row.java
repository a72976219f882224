package dev.weir.bench.loop;

import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * One run in figures. Times are milliseconds and count from the moment at which a job was meant to be sent.
 *
 * @param jobs that were meant to be sent after the warm-up
 * @param meanWait over answered jobs and, with what they waited so far, open ones
 * @param largestBacklog jobs waiting at all providers, at the worst moment after the warm-up
 * @param retries attempts of sidecars beyond the first, per job
 * @param releases decisions pushed
 * @param envoyMicros processor time of Envoys per job
 * @param controlMicros processor time of the control plane per job
 * @param failed neither answered nor refused nor open
 * @param refused answered with 429
 * @param open without an answer 20 s after the last arrival
 * @param lateP99 how late jobs were sent
 */
record Row(
        String name,
        double load,
        long seed,
        int jobs,
        double meanWait,
        double p99Wait,
        double meanResponse,
        double p99Response,
        int largestBacklog,
        double retries,
        long releases,
        double envoyMicros,
        double controlMicros,
        int failed,
        int refused,
        int open,
        double lateP99,
        double lateMax) {
    /** Seconds at the start of a run that no figure counts. */
    static final double WARM_UP = 5;

    /** More than a hundredth of the jobs sent so late: figures then tell of the machine, not of the policy. */
    private static final double LATE_MILLIS = 10;

    /** Whether something else kept the machine so busy that the figures mean little. */
    boolean disturbed() {
        return lateP99 > LATE_MILLIS;
    }

    static Row of(Run run) {
        Sample wait = times(run, WARM_UP, run.trial().seconds(), Outcome::waitMillis);
        Sample response = times(run, WARM_UP, run.trial().seconds(), Outcome::responseMillis);
        int all = run.outcomes().size();
        int jobs = count(run, outcome -> true);
        int extra = run.outcomes().stream()
                .filter(outcome -> measured(outcome, WARM_UP, run.trial().seconds()))
                .mapToInt(outcome -> outcome.attempts() - 1)
                .sum();
        Sample late = Sample.of(run.lateNanos().stream().mapToDouble(nanos -> nanos / 1e6));
        return new Row(
                run.trial().name(),
                run.trial().load(),
                run.trial().seed(),
                jobs,
                wait.mean(),
                wait.percentile(99),
                response.mean(),
                response.percentile(99),
                run.looks().stream()
                        .filter(look -> look.atSeconds() >= WARM_UP)
                        .mapToInt(Run.Look::waiting)
                        .max()
                        .orElse(0),
                (double) extra / Math.max(1, jobs),
                run.releases(),
                run.envoyCpuNanos() / 1e3 / Math.max(1, all),
                run.controlCpuNanos() / 1e3 / Math.max(1, all),
                count(run, o -> !o.answered() && !o.refused() && o.status() != Outcome.OPEN),
                count(run, Outcome::refused),
                count(run, o -> o.status() == Outcome.OPEN),
                late.percentile(99),
                late.percentile(100));
    }

    /** Waits or responses of jobs meant to be sent in an interval; refused and failed ones are not times. */
    static Sample times(Run run, double fromSeconds, double toSeconds, ToDoubleFunction<Outcome> time) {
        return Sample.of(run.outcomes().stream()
                .filter(outcome -> measured(outcome, fromSeconds, toSeconds))
                .filter(outcome -> outcome.answered() || outcome.status() == Outcome.OPEN)
                .mapToDouble(time));
    }

    private static boolean measured(Outcome outcome, double fromSeconds, double toSeconds) {
        double at = outcome.job().offsetNanos() / 1e9;
        return at >= fromSeconds && at < toSeconds;
    }

    private static int count(Run run, Predicate<Outcome> which) {
        return (int) run.outcomes().stream()
                .filter(outcome -> measured(outcome, WARM_UP, run.trial().seconds()))
                .filter(which)
                .count();
    }
}
