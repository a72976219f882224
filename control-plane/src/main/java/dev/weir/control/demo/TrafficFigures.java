package dev.weir.control.demo;

import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.load.CallLatencies;
import dev.weir.control.testbed.load.CallResult;
import dev.weir.control.testbed.load.LoadShares;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Makes {@link Figures.Traffic} out of what callers and providers saw. */
final class TrafficFigures {
    /** A call without an answer so long after the last one was sent is unfinished. */
    static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** The share of the former that counts as a reaction; half is the new balance. */
    static final double REACTED = 0.7;

    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private TrafficFigures() {}

    /**
     * @param offered calls sent
     * @param results those that ended, whenever they did
     * @param shares first attempts, from the start of the story
     */
    static Figures.Traffic of(Story story, long offered, List<CallResult> results, LoadShares shares) {
        Predicate<CallResult> inTime =
                result -> result.call().offsetNanos() + result.responseNanos() <= story.endNanos() + GRACE_NANOS;
        long completed = count(results, inTime.and(CallResult::answered));
        long refused = count(results, inTime.and(CallResult::refused));
        long ended = count(results, inTime);
        List<CallResult> answered =
                results.stream().filter(CallResult::answered).toList();
        CallLatencies waits = CallLatencies.of(answered.stream().mapToLong(CallResult::waitNanos));
        CallLatencies responses = CallLatencies.of(answered.stream().mapToLong(CallResult::responseNanos));
        long settle = story.settleNanos();
        var before = shares.between(settle, story.eventNanos());
        return new Figures.Traffic(
                offered,
                completed,
                refused,
                results.stream()
                        .filter(CallResult::refused)
                        .filter(result -> !told(result))
                        .count(),
                results.stream()
                        .filter(CallResult::refused)
                        .filter(TrafficFigures::told)
                        .mapToLong(result -> result.headers().retryAfterMillis())
                        .average()
                        .orElse(0),
                ended - completed - refused,
                offered - ended,
                results.stream()
                        .filter(result -> result.status() == 200)
                        .mapToLong(result -> result.headers().missing())
                        .sum(),
                reaction(story, shares, before.getOrDefault(Fleet.LARGEST, 0.0)),
                waits.meanMillis(),
                waits.percentileMillis(99),
                whileSlow(story, answered),
                responses.meanMillis(),
                responses.percentileMillis(50),
                responses.percentileMillis(99),
                before,
                shares.between(story.eventNanos() + settle, story.recoveryNanos()),
                shares.between((story.recoveryNanos() + story.endNanos()) / 2, story.endNanos()),
                prices(results).min().orElse(0),
                prices(results).max().orElse(0));
    }

    private static boolean told(CallResult result) {
        long millis = result.headers().retryAfterMillis();
        return millis > 0 && millis <= 60_000;
    }

    private static OptionalLong reaction(Story story, LoadShares shares, double former) {
        if (story.event() == Story.Event.NONE) {
            return OptionalLong.empty();
        }
        OptionalLong nanos = shares.fallsTo(
                Fleet.LARGEST, REACTED * former, story.eventNanos(), story.recoveryNanos(), WINDOW_NANOS);
        return nanos.isPresent()
                ? OptionalLong.of(TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong()))
                : OptionalLong.empty();
    }

    private static OptionalDouble whileSlow(Story story, List<CallResult> answered) {
        return story.event() == Story.Event.NONE
                ? OptionalDouble.empty()
                : answered.stream()
                        .filter(result -> result.call().offsetNanos() >= story.eventNanos()
                                && result.call().offsetNanos() < story.recoveryNanos())
                        .mapToDouble(result -> result.waitNanos() / 1e6)
                        .average();
    }

    private static java.util.stream.LongStream prices(List<CallResult> results) {
        return results.stream().mapToLong(result -> result.headers().price()).filter(price -> price >= 0);
    }

    private static long count(List<CallResult> results, Predicate<CallResult> which) {
        return results.stream().filter(which).count();
    }
}
