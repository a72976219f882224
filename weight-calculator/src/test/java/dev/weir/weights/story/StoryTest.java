package dev.weir.weights.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.sim.Meshes;
import dev.weir.sim.Result;
import dev.weir.sim.Scenario;
import dev.weir.sim.Scenario.Change;
import dev.weir.sim.Scenario.Kind;
import dev.weir.sim.Span;
import dev.weir.sim.engine.Simulation;
import dev.weir.sim.policy.PushedSplit;
import dev.weir.sim.policy.Rule;
import dev.weir.sim.policy.Rules;
import dev.weir.sim.policy.Telemetry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The largest of five providers slows down, falls silent or fails everything for 20 s without telling anyone, at 60 % of true
 * capacity; load reports every 250 ms, two sidecars, smooth picks.
 */
final class StoryTest {
    private static final int LARGEST = 4;
    private static final double FROM = 15;
    private static final double TO = 35;
    private static final double END = 55;
    /** Spans of half a second, a twentieth of a second apart, follow these. */
    private static final List<Span> PHASES =
            List.of(new Span("before", 5, FROM), new Span("during", FROM, TO), new Span("last", END - 10, END));

    private static Result play(
            Rule.Maker rule, PushedSplit.Pick pick, Kind kind, double value, double back, long seed) {
        List<Span> spans = new ArrayList<>(PHASES);
        for (int i = 0; i <= 60; i++) {
            spans.add(new Span("reaction", FROM - 0.5 + 0.05 * i, FROM + 0.05 * i));
        }
        spans.add(new Span("at first", FROM, FROM + 3));
        spans.add(new Span("later", FROM + 3, TO));
        spans.add(new Span("ten seconds after", TO + 9, TO + 11));
        Scenario scenario = Meshes.five(0.6, 2)
                .withChanges(List.of(new Change(FROM, kind, LARGEST, value), new Change(TO, kind, LARGEST, back)));
        PushedSplit.Setup setup =
                new PushedSplit.Setup(rule, pick, 0.25, Telemetry.loadReports(0.25), PushedSplit.Delay.SHORT, null);
        return new Simulation(scenario, world -> new PushedSplit(world, setup), seed, END, spans).run();
    }

    private static Result weir(Kind kind, double value, double back, long seed) {
        return play(Rules.core(), PushedSplit.Pick.SMOOTH, kind, value, back, seed);
    }

    private static double share(Result.SpanResult span) {
        long all = span.attempts().stream().mapToLong(Long::longValue).sum();
        return (double) span.attempts().get(LARGEST) / all;
    }

    private static Result.SpanResult span(Result result, String name) {
        return result.spans().stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Seconds from the event until the share over half a second is at most {@code part} of the former. */
    private static double reaction(Result result, double part) {
        double former = share(span(result, "before"));
        List<Result.SpanResult> windows =
                result.spans().stream().filter(s -> s.name().equals("reaction")).toList();
        for (int i = 0; i < windows.size(); i++) {
            if (share(windows.get(i)) <= part * former) {
                return 0.05 * i;
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void slow_provider(long seed) {
        Result weir = weir(Kind.SPEED, 0.3, 1, seed);
        Result wrr = play(Rules.wrr(), PushedSplit.Pick.RANDOM, Kind.SPEED, 0.3, 1, seed);

        assertThat(reaction(weir, 0.7)).as("reaction, seed %d", seed).isLessThanOrEqualTo(2);
        assertThat(span(weir, "during").waiting().mean())
                .as("wait while slow, seed %d", seed)
                .isLessThanOrEqualTo(span(wrr, "during").waiting().mean() / 10);
        assertThat(share(span(weir, "last")))
                .as("share after, seed %d", seed)
                .isGreaterThan(0.8 * share(span(weir, "before")));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void silent_provider(long seed) {
        Result weir = weir(Kind.SPEED, 0, 1, seed);

        assertThat(span(weir, "at first").attempts().get(LARGEST))
                .as("sent into it, seed %d", seed)
                .isLessThanOrEqualTo(90);
        assertThat(share(span(weir, "later"))).as("stays out, seed %d", seed).isLessThan(0.03);
        assertThat(share(span(weir, "ten seconds after")))
                .as("back in 10 s, seed %d", seed)
                .isGreaterThan(0.8 * share(span(weir, "before")));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void failing_provider_does_not_attract_traffic(long seed) {
        Result weir = weir(Kind.REFUSE, 1, 0, seed);

        assertThat(share(span(weir, "later"))).as("stays out, seed %d", seed).isLessThan(0.03);
        assertThat(span(weir, "during").failed()).as("one retry is enough").isZero();
        assertThat(share(span(weir, "last"))).isGreaterThan(0.8 * share(span(weir, "before")));
    }

    /** Service times of 10, 1 and 3 s: free slots of a slow provider are no reason to send work there. */
    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.7, 0.95})
    void service_times_far_apart(double load) {
        Scenario mesh = Meshes.onePool(
                "unequal",
                List.of(
                        Scenario.Provider.honest("slow", 20, 10),
                        Scenario.Provider.honest("fast", 20, 1),
                        Scenario.Provider.honest("mid", 4, 3)),
                load,
                2);
        List<Span> span = List.of(new Span("all", 100, 2000));
        double[] mean = new double[2];
        for (int i = 0; i < 2; i++) {
            PushedSplit.Setup setup = new PushedSplit.Setup(
                    i == 0 ? Rules.core() : Rules.wrr(),
                    PushedSplit.Pick.SMOOTH,
                    0.25,
                    Telemetry.loadReports(0.25),
                    PushedSplit.Delay.SHORT,
                    null);
            mean[i] = new Simulation(mesh, world -> new PushedSplit(world, setup), 3, 2000, span)
                    .run()
                    .whole()
                    .response()
                    .mean();
        }
        assertThat(mean[0]).as("response against fixed weights").isLessThan(0.95 * mean[1]);
    }
}
