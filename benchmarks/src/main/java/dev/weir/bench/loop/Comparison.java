package dev.weir.bench.loop;

import dev.weir.bench.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All policies on the same jobs; JSQ once more at the end of each round, as the measure of noise. */
final class Comparison implements Experiment {
    static final String JSQ_AGAIN = "jsq again";

    /** Load at which figures are promised. */
    private static final double LOAD = 0.95;

    /** What a policy's response may be over JSQ's, in percent, at load .95. */
    private record Promise(Policy policy, double mean, double p99, int mostSidecars) {}

    private static final List<Promise> PROMISES = List.of(
            new Promise(Policy.GOVERNED, 5, 8, 8),
            new Promise(Policy.BOUNCE, 22, 20, 8),
            new Promise(Policy.SMOOTH, 65, 45, 2),
            new Promise(Policy.SMOOTH_FAST, 45, 28, 2));

    private final Settings settings;
    private final List<Policy> policies;
    private final List<Double> loads;

    private Comparison(Settings settings, List<Policy> policies, List<Double> loads) {
        this.settings = settings;
        this.policies = settings.policiesOr(policies);
        this.loads = settings.loadsOr(loads);
    }

    static Comparison brief(Settings settings) {
        return new Comparison(
                settings,
                List.of(Policy.JSQ, Policy.GOVERNED, Policy.BOUNCE, Policy.SMOOTH, Policy.WRR),
                List.of(LOAD));
    }

    static Comparison full(Settings settings) {
        return new Comparison(settings, List.of(Policy.values()), List.of(0.7, 0.9, LOAD));
    }

    @Override
    public String title() {
        return "five providers of 20 to 175 jobs/s, exponential job sizes, " + settings.sidecars() + " sidecar"
                + (settings.sidecars() == 1 ? "" : "s");
    }

    @Override
    public List<Trial> trials() {
        Plant plant = Plant.five(settings.sidecars());
        List<Trial> trials = new ArrayList<>();
        settings.seedNumbers().forEach(seed -> {
            for (double load : loads) {
                Demand demand = Demand.steady(load * plant.capacity());
                for (Policy policy : policies) {
                    trials.add(trial(policy.label(), policy, load, plant, demand, seed));
                }
                if (policies.contains(Policy.JSQ)) {
                    trials.add(trial(JSQ_AGAIN, Policy.JSQ, load, plant, demand, seed));
                }
            }
        });
        return trials;
    }

    private Trial trial(String name, Policy policy, double load, Plant plant, Demand demand, long seed) {
        return new Trial(name, policy, load, plant, demand, List.of(), settings.seconds(), seed);
    }

    @Override
    public List<Figure> figures(List<Reading> readings) {
        Table table = Table.of(readings);
        Table.Line again = table.line(JSQ_AGAIN, LOAD);
        List<Figure> figures = new ArrayList<>();
        for (Promise promise : PROMISES) {
            Table.Line line = table.line(promise.policy().label(), LOAD);
            if (line.readings().isEmpty()
                    || again.readings().isEmpty()
                    || settings.sidecars() > promise.mostSidecars()) {
                continue;
            }
            double meanNoise = Math.abs(again.meanOverJsq());
            double p99Noise = Math.abs(again.p99OverJsq());
            figures.add(figure(promise, "mean", line.meanOverJsq(), promise.mean(), meanNoise));
            figures.add(figure(promise, "p99", line.p99OverJsq(), promise.p99(), p99Noise));
        }
        for (Table.Line line : table.lines()) {
            if (line.policy().ours()) {
                figures.add(new Figure(
                        "failed calls of " + line.name() + " at load " + line.load(), line.most(Row::failed), 0, ""));
            }
        }
        return figures;
    }

    private static Figure figure(Promise promise, String what, double value, double most, double noise) {
        return new Figure(
                String.format(
                        Locale.ROOT,
                        "%s response of %s over JSQ at load %.2f (noise %.1f %%)",
                        what,
                        promise.policy().label(),
                        LOAD,
                        noise),
                value,
                most + noise,
                "%");
    }
}
