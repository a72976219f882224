package dev.weir.sim.experiment;

import dev.weir.sim.Result;
import dev.weir.sim.Result.SpanResult;
import dev.weir.sim.Scenario;
import dev.weir.sim.Span;
import dev.weir.sim.engine.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Runs contenders on scenarios: every cell with the same seeds, so figures can be compared pair by pair. */
final class Runs {
    private final Effort effort;
    private final int seeds;
    private final List<Supplier<Result>> work = new ArrayList<>();
    private final List<Cell> cells = new ArrayList<>();

    Runs(Effort effort, int usualSeeds) {
        this.effort = effort;
        this.seeds = effort.seedsOr(usualSeeds);
    }

    /** All seeds of one contender on one scenario. */
    static final class Cell {
        private final List<Result> results = new ArrayList<>();

        List<Result> results() {
            return results;
        }

        /** A figure of the first span, over seeds. */
        Estimate estimate(ToDoubleFunction<SpanResult> figure) {
            return Estimate.of(results.stream()
                    .mapToDouble(r -> figure.applyAsDouble(r.whole()))
                    .toArray());
        }

        /** A figure over another cell's, seed by seed. */
        Estimate over(Cell other, ToDoubleFunction<SpanResult> figure) {
            double[] ratios = new double[results.size()];
            for (int s = 0; s < ratios.length; s++) {
                ratios[s] = figure.applyAsDouble(results.get(s).whole())
                        / figure.applyAsDouble(other.results.get(s).whole());
            }
            return Estimate.of(ratios);
        }

        /** A figure of whole runs, over seeds. */
        Estimate ofRuns(ToDoubleFunction<Result> figure) {
            return Estimate.of(results.stream().mapToDouble(figure).toArray());
        }
    }

    /** Plans a cell measured from {@code warmSeconds} on. */
    Cell add(Scenario scenario, Contender contender, double warmSeconds, double seconds) {
        double length = Math.max(seconds * effort.length(), warmSeconds * 2);
        return add(scenario, contender, length, List.of(new Span("all", warmSeconds, length)));
    }

    /** Plans a cell with its own spans, at full length. */
    Cell add(Scenario scenario, Contender contender, double seconds, List<Span> spans) {
        Cell cell = new Cell();
        cells.add(cell);
        for (int s = 1; s <= seeds; s++) {
            long seed = s;
            work.add(() -> new Simulation(scenario, contender.factory(), seed, seconds, spans).run());
        }
        return cell;
    }

    /** Runs what was planned and fills the cells. */
    void go() {
        List<Result> results = effort.workers().all(work);
        for (int i = 0; i < results.size(); i++) {
            cells.get(i / seeds).results.add(results.get(i));
        }
    }

    static double meanResponse(SpanResult span) {
        return span.response().mean();
    }

    static double p99Response(SpanResult span) {
        return span.response().p99();
    }

    static double meanWait(SpanResult span) {
        return span.waiting().mean();
    }

    static double p99Wait(SpanResult span) {
        return span.waiting().p99();
    }
}
