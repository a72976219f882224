package dev.weir.sim.policy;

import dev.weir.weights.Observation;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.Settings;

/** The rules that make splits: ours and published ones. */
public final class Rules {
    private Rules() {}

    /** The decision core with its defaults, at the run's period. */
    public static Rule.Maker core() {
        return core(Settings.DEFAULTS.gateShare());
    }

    /** @param gateShare see {@link Settings} */
    public static Rule.Maker core(double gateShare) {
        Settings s = Settings.DEFAULTS;
        return (scenario, tickSeconds) -> new CoreRule(new Settings(
                tickSeconds,
                s.policy(),
                gateShare,
                s.targetUtilisation(),
                s.priceTimeConstantSeconds(),
                s.priceIntervalSeconds()));
    }

    /** A rule that is not told how many slots providers have. */
    public static Rule.Maker withoutSlots(Rule.Maker rule) {
        return (scenario, tickSeconds) -> {
            Rule informed = rule.make(scenario, tickSeconds);
            return seen -> informed.tick(new Observation(
                    seen.nowNanos(),
                    seen.hold(),
                    seen.pools(),
                    seen.providers().stream()
                            .map(p -> new ProviderInput(
                                    p.id(), p.declaredCapacity(), p.mostCapacity(), 0, p.telemetryAgeNanos(), p.cost()))
                            .toList()));
        };
    }

    /** Weighted round robin: declared capacities, for ever. */
    public static Rule.Maker wrr() {
        return shares((view, pool, k) -> view.capacity[k]);
    }

    /** Equal shares. */
    public static Rule.Maker equal() {
        return shares((view, pool, k) -> 1);
    }

    /** Max-weight taken literally: all to the provider that would be empty first. */
    public static Rule.Maker argmax() {
        return shares((view, pool, k) -> {
            int best = -1;
            double least = Double.POSITIVE_INFINITY;
            for (int j : view.members[pool]) {
                double drain = view.inFlight[j] / view.capacity[j];
                if (drain < least) {
                    least = drain;
                    best = j;
                }
            }
            return k == best ? 1 : 0;
        });
    }

    /**
     * {@code mu e^(-drain / theta)}.
     *
     * @param theta temperature, seconds of drain time
     */
    public static Rule.Maker softmax(double theta) {
        return shares((view, pool, k) ->
                view.capacity[k] * Math.exp(-Math.min(700, view.inFlight[k] / view.capacity[k] / theta)));
    }

    /** Proportional to headroom, {@code (2 s - N)^+}. */
    public static Rule.Maker headroom() {
        return shares((view, pool, k) -> Math.max(0, 2 * view.slots[k] - view.inFlight[k]));
    }

    /**
     * Backpressure economics as its paper writes it: {@code C (Q_s - Q)^+}, with the real backlog for {@code Q} and all that
     * is pending for {@code Q_s}.
     */
    public static Rule.Maker differential() {
        return shares((view, pool, k) -> view.capacity[k] * Math.max(0, view.pending(pool) - view.inFlight[k]));
    }

    private static Rule.Maker shares(ShareRule.Formula formula) {
        return (scenario, tickSeconds) -> new ShareRule(scenario, formula);
    }
}
