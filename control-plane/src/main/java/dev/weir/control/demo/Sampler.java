package dev.weir.control.demo;

import dev.weir.control.testbed.load.CallResult;
import dev.weir.control.testbed.load.LoadRun;
import dev.weir.control.testbed.provider.AttemptSeen;
import dev.weir.control.testbed.provider.DemoProvider;
import dev.weir.control.testbed.provider.ProviderCounts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what providers and callers saw, second by second, and keeps it all for the end. */
final class Sampler {
    private final Story story;
    private final List<DemoProvider> providers;
    private final LoadRun run;
    private final Map<String, List<AttemptSeen>> attempts = new LinkedHashMap<>();
    private final List<CallResult> results = new ArrayList<>();

    Sampler(Story story, List<DemoProvider> providers, LoadRun run) {
        this.story = story;
        this.providers = providers;
        this.run = run;
    }

    /** Takes what came since the last sample. */
    Sample sample(int second) {
        List<List<AttemptSeen>> fresh = new ArrayList<>();
        for (DemoProvider provider : providers) {
            List<AttemptSeen> seen = provider.takeAttempts();
            fresh.add(seen);
            attempts.computeIfAbsent(provider.spec().name(), name -> new ArrayList<>())
                    .addAll(seen);
        }
        List<CallResult> ended = run.results(results.size());
        results.addAll(ended);

        long firstAttempts = fresh.stream().mapToLong(Sampler::first).sum();
        List<Sample.OfProvider> rows = new ArrayList<>();
        for (int i = 0; i < providers.size(); i++) {
            DemoProvider provider = providers.get(i);
            ProviderCounts counts = provider.counts();
            rows.add(new Sample.OfProvider(
                    provider.spec().name(),
                    provider.spec().capacity(),
                    counts.speed(),
                    firstAttempts == 0 ? 0 : (double) first(fresh.get(i)) / firstAttempts,
                    counts.inService(),
                    provider.spec().slots(),
                    counts.waiting()));
        }
        List<CallResult> answered = ended.stream().filter(CallResult::answered).toList();
        var prices = answered.stream().mapToLong(call -> call.headers().price()).summaryStatistics();
        return new Sample(
                second,
                story.seconds(),
                rows,
                ended.size(),
                answered.stream()
                        .mapToDouble(call -> call.waitNanos() / 1e6)
                        .average()
                        .orElse(Double.NaN),
                answered.isEmpty() ? -1 : prices.getMin(),
                answered.isEmpty() ? -1 : prices.getMax(),
                answered.isEmpty()
                        ? -1
                        : answered.get(answered.size() - 1).headers().congestion());
    }

    /** Per provider, all attempts seen so far. */
    Map<String, List<AttemptSeen>> attempts() {
        return attempts;
    }

    /** All calls that have ended so far. */
    List<CallResult> results() {
        return results;
    }

    private static long first(List<AttemptSeen> seen) {
        return seen.stream().filter(attempt -> attempt.attempt() == 1).count();
    }
}
