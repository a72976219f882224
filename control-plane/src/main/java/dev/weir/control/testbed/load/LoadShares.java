package dev.weir.control.testbed.load;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** When first attempts arrived at which provider; times are nanoseconds from the start of a run. */
public final class LoadShares {
    private static final long STEP_NANOS = 10_000_000;

    private final Map<String, long[]> arrivals = new LinkedHashMap<>();

    /** @param arrivals per provider: when each first attempt arrived, in any order */
    public LoadShares(Map<String, List<Long>> arrivals) {
        arrivals.forEach((provider, times) -> {
            long[] sorted = times.stream().mapToLong(Long::longValue).toArray();
            Arrays.sort(sorted);
            this.arrivals.put(provider, sorted);
        });
    }

    /** Each provider's part of the first attempts in {@code [from, to)}; all 0 when there were none. */
    public Map<String, Double> between(long fromNanos, long toNanos) {
        Map<String, Double> shares = new LinkedHashMap<>();
        long all = arrivals.values().stream()
                .mapToLong(times -> count(times, fromNanos, toNanos))
                .sum();
        arrivals.forEach((provider, times) ->
                shares.put(provider, all == 0 ? 0.0 : (double) count(times, fromNanos, toNanos) / all));
        return shares;
    }

    /** One provider's share in {@code [from, to)}. */
    public double between(String provider, long fromNanos, long toNanos) {
        return between(fromNanos, toNanos).getOrDefault(provider, 0.0);
    }

    /**
     * How long after {@code eventNanos} a window of {@code windowNanos} first ends in which the provider's share is at most
     * {@code limit}; looked at every 10 ms up to {@code untilNanos}. A window without any attempt says nothing.
     */
    public OptionalLong fallsTo(String provider, double limit, long eventNanos, long untilNanos, long windowNanos) {
        for (long end = eventNanos + STEP_NANOS; end <= untilNanos; end += STEP_NANOS) {
            if (any(end - windowNanos, end) && between(provider, end - windowNanos, end) <= limit) {
                return OptionalLong.of(end - eventNanos);
            }
        }
        return OptionalLong.empty();
    }

    /** As {@link #fallsTo}, but at least {@code limit}. */
    public OptionalLong risesTo(String provider, double limit, long eventNanos, long untilNanos, long windowNanos) {
        for (long end = eventNanos + STEP_NANOS; end <= untilNanos; end += STEP_NANOS) {
            if (any(end - windowNanos, end) && between(provider, end - windowNanos, end) >= limit) {
                return OptionalLong.of(end - eventNanos);
            }
        }
        return OptionalLong.empty();
    }

    private boolean any(long fromNanos, long toNanos) {
        return arrivals.values().stream().anyMatch(times -> count(times, fromNanos, toNanos) > 0);
    }

    private static long count(long[] sorted, long fromNanos, long toNanos) {
        return (long) below(sorted, toNanos) - below(sorted, fromNanos);
    }

    private static int below(long[] sorted, long limit) {
        int found = Arrays.binarySearch(sorted, limit);
        if (found < 0) {
            return -found - 1;
        }
        while (found > 0 && sorted[found - 1] == limit) {
            found--;
        }
        return found;
    }
}
