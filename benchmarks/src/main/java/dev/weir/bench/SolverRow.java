package dev.weir.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/**
 * @param benchmark {@link SolverRuns#KERNEL} or {@link SolverRuns#TICK}
 * @param members (pool, provider) pairs
 * @param sweeps of the block descent per tick, mean
 * @param nanos per tick, mean
 * @param error half width of its 99.9 % confidence interval, nanoseconds; NaN when there were too few iterations
 * @param bytes allocated per tick
 */
record SolverRow(
        String benchmark,
        int providers,
        int pools,
        int members,
        double sweeps,
        double nanos,
        double error,
        double bytes) {
    static final String HEADER = String.format(
            "%-7s %9s %5s %9s %7s %14s %12s %18s %14s",
            "what", "providers", "pools", "members", "sweeps", "us per tick", "+-", "ns/member/sweep", "bytes/tick");

    /** Nanoseconds per (pool, provider) and sweep. */
    @JsonProperty
    double nanosPerMember() {
        return nanos / (members * sweeps);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%-7s %9d %5d %9d %7.2f %14.2f %12.2f %18.1f %14.1f",
                benchmark,
                providers,
                pools,
                members,
                sweeps,
                nanos * 1e-3,
                error * 1e-3,
                nanosPerMember(),
                bytes);
    }
}
