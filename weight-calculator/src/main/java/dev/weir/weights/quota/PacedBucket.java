package dev.weir.weights.quota;

import java.util.Arrays;

/**
 * One quota of one credential: L units per window W, spent so that in no window of length W, wherever it begins, more than L go out,
 * if no request uses more than was reserved for it.
 *
 * <p>Two rules. A token bucket of depth b paces: it fills with r = (L - b) / W, a request may go when the bucket holds what it needs, or
 * is full where it needs more than b (then it owes the rest). b is {@link #BURST} L, or as much as the largest request, up to {@link
 * #LARGEST} L: so at least 0.93 L of W can be used, and after idling no more than b, and one request, go at once. And a ledger of the last W in
 * slots bounds: what was spent or is reserved in them never sums to more than L. It is what keeps the promise when reservations are given
 * back, which lets a bucket alone spend twice what it held back.
 *
 * <p>A limit that was never told is none, until the provider refuses: then half of what went out in the last window is taken for it, and it
 * grows by a {@link #STEP} of that per window without a refusal. It is halved at most once per window.
 *
 * <p>Times are nanoseconds of one clock that never goes back. Belongs to one thread.
 */
public final class PacedBucket {
    /** Share of a limit that may go at once. */
    static final double BURST = 0.04;
    /** The same, where single requests are large. */
    static final double LARGEST = 0.07;
    /** Share of the limit that was assumed at a refusal by which it grows in each window after. */
    static final double STEP = 0.05;

    private static final int SLOTS = 64;
    private static final double NANOS = 1e9;

    private final double[] spent = new double[SLOTS + 1];
    private boolean told;
    private double limit = Double.POSITIVE_INFINITY;
    private double windowSeconds;
    private double largest;
    private double level = Double.POSITIVE_INFINITY;
    private long levelAt;
    private long slot;
    private double step;
    private long grownAt;
    private long halvedAt;

    /** What was reserved, to be settled once. */
    public record Reservation(long atNanos, double estimate) {}

    private PacedBucket(double windowSeconds, long now) {
        this.windowSeconds = windowSeconds;
        levelAt = now;
        slot = slotOf(now);
    }

    /** Nothing is known of its limit. */
    public static PacedBucket unlimited(double windowSeconds, long now) {
        return new PacedBucket(windowSeconds, now);
    }

    /**
     * @param limit units per window, positive
     * @param windowSeconds positive
     */
    public static PacedBucket of(double limit, double windowSeconds, long now) {
        PacedBucket bucket = new PacedBucket(windowSeconds, now);
        bucket.limit(limit, windowSeconds, now);
        return bucket;
    }

    /** Units per window, as told or assumed; infinite = none known. */
    public double limit() {
        return limit;
    }

    /** Whether the limit was told, not assumed. */
    public boolean told() {
        return told;
    }

    public double windowSeconds() {
        return windowSeconds;
    }

    /** Units per second that it lets go in the long run; infinite = as many as come. */
    public double rate() {
        return Double.isInfinite(limit) ? limit : (limit - depth()) / windowSeconds;
    }

    /** Units that may go now. */
    public double level(long now) {
        refresh(now);
        return Math.min(level, limit - recent());
    }

    /** How long until a request may go, seconds; 0 = now, infinite = it needs more than the limit. */
    public double waitSeconds(double estimate, long now) {
        refresh(now);
        if (Double.isInfinite(limit)) {
            return 0;
        }
        if (estimate > limit) {
            return Double.POSITIVE_INFINITY;
        }
        double need = Math.min(estimate, depth());
        double paced = level >= need ? 0 : (need - level) / rate();
        return Math.max(paced, bounded(estimate, now));
    }

    /** Takes what a request is expected to use, now that it goes. It should have been asked for with {@link #waitSeconds}. */
    public Reservation reserve(double estimate, long now) {
        refresh(now);
        largest = Math.max(largest, estimate);
        level -= estimate;
        spent[index(slot)] += estimate;
        return new Reservation(now, estimate);
    }

    /**
     * A request's record came. What it used less counts less from the time when it went; what it used more counts now. A request whose record
     * never comes has used what was reserved for it.
     */
    public void settle(Reservation reservation, double used, long now) {
        refresh(now);
        double less = reservation.estimate - used;
        level = Math.min(depth(), level + less);
        long at = less > 0 ? slotOf(reservation.atNanos) : slot;
        if (at > slot - spent.length && at <= slot) {
            spent[index(at)] -= less;
        }
    }

    /**
     * The provider told.
     *
     * @param report of this bucket's unit
     * @param sentNanos when the request went whose answer told it; what went since may not be counted in it
     */
    public void learn(QuotaReport report, long sentNanos, long now) {
        refresh(now);
        if (report.limit() > 0) {
            told = true;
            limit((double) report.limit(), report.window(), now);
        }
        if (report.remaining() != QuotaReport.UNSAID) {
            double unseen = 0;
            for (long each = Math.max(slotOf(sentNanos), slot - SLOTS); each <= slot; each++) {
                unseen += spent[index(each)];
            }
            level = Math.min(level, report.remaining() - unseen);
        }
    }

    /** The provider refused for its rate. */
    public void refused(long now) {
        refresh(now);
        level = Math.min(level, 0);
        boolean assumed = !Double.isInfinite(limit);
        if (told || (assumed && now - halvedAt < windowSeconds * NANOS)) {
            return;
        }
        double least = Math.max(1, largest);
        limit = Math.max(least, (assumed ? limit : recent()) / 2);
        step = limit * STEP;
        halvedAt = now;
        grownAt = now;
    }

    private void limit(double next, double nextWindowSeconds, long now) {
        if (nextWindowSeconds != windowSeconds) {
            // slots of another length: all of it as if it were new
            double all = recent();
            windowSeconds = nextWindowSeconds;
            slot = slotOf(now);
            Arrays.fill(spent, 0);
            spent[index(slot)] = all;
        }
        limit = next;
        level = Math.min(level, depth());
    }

    private double depth() {
        return Double.isInfinite(limit) ? limit : Math.max(BURST * limit, Math.min(largest, LARGEST * limit));
    }

    private void refresh(long now) {
        double rate = rate();
        if (!Double.isInfinite(rate)) {
            level = Math.min(depth(), level + rate * (now - levelAt) / NANOS);
        }
        levelAt = now;
        long current = slotOf(now);
        if (current - slot >= spent.length) {
            Arrays.fill(spent, 0);
            slot = current;
        }
        while (slot < current) {
            spent[index(++slot)] = 0;
        }
        if (!told && !Double.isInfinite(limit)) {
            double windows = Math.floor((now - grownAt) / (windowSeconds * NANOS));
            limit += windows * step;
            grownAt += (long) (windows * windowSeconds * NANOS);
        }
    }

    /** How long until the ledger has room, seconds. */
    private double bounded(double estimate, long now) {
        double excess = recent() + estimate - limit;
        for (long oldest = slot - SLOTS; excess > 0 && oldest <= slot; oldest++) {
            excess -= spent[index(oldest)];
            if (excess <= 0) {
                return Math.max(1, (oldest + spent.length) * slotNanos() - now) / NANOS;
            }
        }
        return excess > 0 ? windowSeconds : 0;
    }

    /** What went out in the last window, and up to one slot more. */
    private double recent() {
        double sum = 0;
        for (double each : spent) {
            sum += each;
        }
        return sum;
    }

    private double slotNanos() {
        return windowSeconds * NANOS / SLOTS;
    }

    private long slotOf(long nanos) {
        return (long) Math.floor(nanos / slotNanos());
    }

    private int index(long ofSlot) {
        return (int) Math.floorMod(ofSlot, (long) spent.length);
    }
}
