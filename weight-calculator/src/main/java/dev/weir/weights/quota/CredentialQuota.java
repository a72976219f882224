package dev.weir.weights.quota;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All quotas of one credential for one model: a {@link PacedBucket} per unit, and the pause after a refusal. Times are nanoseconds of one
 * clock that never goes back. Belongs to one thread.
 */
public final class CredentialQuota {
    private static final double NANOS = 1e9;
    private static final double MINUTE = 60;
    /** First pauses where the provider says nothing of when, seconds; each refusal in a row doubles them. */
    private static final double FIRST_RATE = 1;

    private static final double FIRST_QUOTA = 60;
    /** Longest pause for a rate that nobody said, seconds. */
    private static final double MAX_RATE = 60;
    /** Longest pause, seconds. */
    private static final double MAX_QUOTA = 3_600;

    private static final int MAX_DOUBLINGS = 16;
    /** By which a record may come late, and its call seem to have gone later than it did. */
    private static final long LATE_NANOS = 2_000_000_000L;

    private final Map<QuotaUnit, PacedBucket> buckets = new EnumMap<>(QuotaUnit.class);
    private boolean paused;
    private long pausedUntil;
    private long refusedAt;
    private int refusalsInRow;

    /**
     * What a call uses, or is expected to.
     *
     * @param inputTokens of the request
     * @param outputTokens of its answer
     */
    public record Usage(double inputTokens, double outputTokens) {
        double of(QuotaUnit unit) {
            return switch (unit) {
                case REQUESTS -> 1;
                case INPUT_TOKENS -> inputTokens;
                case OUTPUT_TOKENS -> outputTokens;
                case TOKENS -> inputTokens + outputTokens;
            };
        }
    }

    /** What one call reserved in all buckets that there were. */
    public static final class Reservation {
        private final Map<QuotaUnit, PacedBucket.Reservation> parts = new EnumMap<>(QuotaUnit.class);

        private Reservation() {}
    }

    /** Nothing is known of it. Requests are counted from the start, so that a refusal finds how many there were. */
    public CredentialQuota(long now) {
        buckets.put(QuotaUnit.REQUESTS, PacedBucket.unlimited(MINUTE, now));
    }

    /** Of a quota that is declared. */
    public void limit(QuotaUnit unit, double limit, double windowSeconds, long now) {
        buckets.put(unit, PacedBucket.of(limit, windowSeconds, now));
    }

    public Optional<PacedBucket> bucket(QuotaUnit unit) {
        return Optional.ofNullable(buckets.get(unit));
    }

    /** How long until a call may go, seconds; 0 = now, infinite = it is larger than a limit. */
    public double waitSeconds(Usage estimate, long now) {
        double wait = pauseSeconds(now);
        for (Map.Entry<QuotaUnit, PacedBucket> each : buckets.entrySet()) {
            wait = Math.max(wait, each.getValue().waitSeconds(estimate.of(each.getKey()), now));
        }
        return wait;
    }

    /** Seconds that are left of the pause after a refusal. */
    public double pauseSeconds(long now) {
        return paused ? Math.max(0, (pausedUntil - now) / NANOS) : 0;
    }

    /** A call goes. */
    public Reservation reserve(Usage estimate, long now) {
        Reservation reservation = new Reservation();
        buckets.forEach((unit, bucket) -> reservation.parts.put(unit, bucket.reserve(estimate.of(unit), now)));
        return reservation;
    }

    /** One request more went, and nobody reserved for it. */
    public void count(long now) {
        PacedBucket requests = buckets.get(QuotaUnit.REQUESTS);
        if (requests != null) {
            requests.reserve(1, now);
        }
    }

    /** Its record came. A call whose record never comes has used what it reserved. */
    public void settle(Reservation reservation, Usage used, long now) {
        reservation.parts.forEach((unit, part) -> {
            PacedBucket bucket = buckets.get(unit);
            if (bucket != null) {
                bucket.settle(part, used.of(unit), now);
            }
        });
    }

    /** The provider served, and said this. Where the call went after the last refusal, the pause is over. */
    public void served(List<QuotaReport> reports, long sentNanos, long now) {
        refusalsInRow = 0;
        if (paused && sentNanos - refusedAt > LATE_NANOS) {
            paused = false;
        }
        learn(reports, sentNanos, now);
    }

    /**
     * The provider refused, and said this.
     *
     * @param retryAfterSeconds {@link QuotaReport#UNSAID} = not said
     */
    public void refused(
            RefusalKind kind, double retryAfterSeconds, List<QuotaReport> reports, long sentNanos, long now) {
        learn(reports, sentNanos, now);
        if (kind == RefusalKind.REQUEST) {
            return;
        }
        if (kind == RefusalKind.RATE) {
            exhausted(reports).forEach(bucket -> bucket.refused(now));
        }
        boolean quota = kind == RefusalKind.QUOTA;
        double first = quota ? FIRST_QUOTA : FIRST_RATE;
        double grown = first * (1 << Math.min(refusalsInRow, MAX_DOUBLINGS));
        // credit may be bought sooner than was said
        double pause = retryAfterSeconds >= 0
                ? Math.min(MAX_QUOTA, retryAfterSeconds)
                : Math.min(quota ? MAX_QUOTA : MAX_RATE, grown);
        refusalsInRow++;
        long until = now + (long) (pause * NANOS);
        pausedUntil = paused ? Math.max(pausedUntil, until) : until;
        refusedAt = now;
        paused = true;
    }

    /** Those that the refusal says are used up; where it says nothing, the one that counts requests. */
    private List<PacedBucket> exhausted(List<QuotaReport> reports) {
        List<PacedBucket> used = new ArrayList<>();
        for (QuotaReport report : reports) {
            PacedBucket bucket = buckets.get(report.unit());
            if (report.remaining() == 0 && bucket != null) {
                used.add(bucket);
            }
        }
        PacedBucket requests = buckets.get(QuotaUnit.REQUESTS);
        return used.isEmpty() && reports.isEmpty() && requests != null ? List.of(requests) : used;
    }

    /** The provider said this, with an answer that neither served nor refused for a limit. */
    public void learn(List<QuotaReport> reports, long sentNanos, long now) {
        for (QuotaReport report : reports) {
            bucketOf(report.unit(), report.window(), now).learn(report, sentNanos, now);
        }
    }

    private PacedBucket bucketOf(QuotaUnit unit, double windowSeconds, long now) {
        return buckets.computeIfAbsent(unit, each -> PacedBucket.unlimited(windowSeconds, now));
    }
}
