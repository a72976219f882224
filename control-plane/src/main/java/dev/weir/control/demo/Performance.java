package dev.weir.control.demo;

import dev.weir.control.testbed.AwaitChildren;
import dev.weir.control.testbed.Children;
import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.load.CallPlans;
import dev.weir.control.testbed.load.CallResult;
import dev.weir.control.testbed.load.LoadGenerator;
import dev.weir.control.testbed.load.LoadRun;
import dev.weir.control.testbed.load.LoadShares;
import dev.weir.control.testbed.load.PlannedCall;
import dev.weir.control.testbed.provider.AttemptSeen;
import dev.weir.control.testbed.provider.DemoProvider;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Tells the story once: sends the calls, does to the largest provider what the story says, and looks on. */
final class Performance {
    /** Calls before the clock starts, so that connections stand and code is warm for every policy alike. */
    private static final double WARM_UP_SECONDS = 1.5;

    private static final long WARM_UP_SEED = 4711;
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** After so long calls that still have no answer are cut. */
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Story story;
    private final List<DemoProvider> providers;
    private final DemoProvider largest;
    private final LoadGenerator generator;
    private final Children children;
    private final LongSupplier nanoClock;

    Performance(
            Story story,
            List<DemoProvider> providers,
            LoadGenerator generator,
            Children children,
            LongSupplier nanoClock) {
        this.story = story;
        this.providers = providers;
        this.largest = providers.get(Fleet.PROVIDERS.size() - 1);
        this.generator = generator;
        this.children = children;
        this.nanoClock = nanoClock;
    }

    /**
     * The outcome of one telling.
     *
     * @param traffic its figures
     * @param shares first attempts, from the start of the story
     * @param calls every call that ended, those before the clock started too
     * @param attempts per provider: every attempt that it saw, likewise
     * @param curve mean wait by second
     * @param latestSendMillis how late the latest call was sent: whether the sender kept up
     */
    record Outcome(
            Figures.Traffic traffic,
            LoadShares shares,
            List<CallResult> calls,
            Map<String, List<AttemptSeen>> attempts,
            WaitCurve curve,
            double latestSendMillis) {}

    Outcome play(String policy, LiveView view) {
        Sampler warmUp = warmUp();
        List<PlannedCall> plan = CallPlans.poisson(story.seed(), story.callsPerSecond(), story.endNanos());
        long start = nanoClock.getAsLong() + LEAD_NANOS;
        LoadRun run = generator.start(plan, start);
        Sampler sampler = new Sampler(story, providers, run);
        tell(policy, view, start, sampler);
        view.end();
        drain(start, run);
        sampler.sample(story.seconds());

        LoadShares shares = new LoadShares(firstAttempts(sampler, start));
        List<CallResult> calls = new ArrayList<>(warmUp.results());
        calls.addAll(sampler.results());
        Map<String, List<AttemptSeen>> attempts = new LinkedHashMap<>();
        for (Sampler each : List.of(warmUp, sampler)) {
            each.attempts()
                    .forEach((provider, seen) -> attempts.computeIfAbsent(provider, name -> new ArrayList<>())
                            .addAll(seen));
        }
        return new Outcome(
                TrafficFigures.of(story, plan.size(), sampler.results(), shares),
                shares,
                calls,
                attempts,
                WaitCurve.of(policy, story.seconds(), sampler.results()),
                run.latestNanos() / 1e6);
    }

    private Sampler warmUp() {
        List<PlannedCall> plan =
                CallPlans.poisson(WARM_UP_SEED, story.callsPerSecond(), (long) (WARM_UP_SECONDS * 1e9));
        LoadRun run = generator.start(plan, nanoClock.getAsLong());
        drain(nanoClock.getAsLong(), run);
        Sampler sampler = new Sampler(story, providers, run);
        sampler.sample(0);
        return sampler;
    }

    private void tell(String policy, LiveView view, long start, Sampler sampler) {
        String note = "";
        for (int second = 1; second <= story.seconds(); second++) {
            long end = start + TimeUnit.SECONDS.toNanos(second);
            long begin = end - TimeUnit.SECONDS.toNanos(1);
            if (within(start + story.eventNanos(), begin, end)) {
                sleepUntil(start + story.eventNanos());
                largest.setSpeed(story.event().speed());
                note = note();
            }
            if (within(start + story.recoveryNanos(), begin, end)) {
                sleepUntil(start + story.recoveryNanos());
                largest.setSpeed(1);
                note = story.event() == Story.Event.NONE ? "" : Fleet.LARGEST + " has recovered";
            }
            sleepUntil(end);
            children.mustRun();
            view.show(policy, note, sampler.sample(second));
        }
    }

    private String note() {
        return switch (story.event()) {
            case SLOW -> Fleet.LARGEST + " works at 30 % and tells nobody";
            case STALL -> Fleet.LARGEST + " takes calls and answers none";
            case NONE -> "";
        };
    }

    private static boolean within(long at, long from, long to) {
        return at >= from && at < to;
    }

    private void drain(long from, LoadRun run) {
        while (run.open() > 0) {
            children.mustRun();
            if (nanoClock.getAsLong() - from > story.endNanos() + DRAIN_NANOS) {
                generator.close();
            }
            AwaitChildren.pause(20);
        }
    }

    private void sleepUntil(long at) {
        AwaitChildren.pause(TimeUnit.NANOSECONDS.toMillis(at - nanoClock.getAsLong() + 999_999));
    }

    private static Map<String, List<Long>> firstAttempts(Sampler sampler, long start) {
        Map<String, List<Long>> arrivals = new LinkedHashMap<>();
        sampler.attempts()
                .forEach((provider, seen) -> arrivals.put(
                        provider,
                        seen.stream()
                                .filter(attempt -> attempt.attempt() == 1)
                                .map(attempt -> attempt.atNanos() - start)
                                .toList()));
        return arrivals;
    }
}
