package dev.weir.bench.loop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Readings by policy and load, medians over seeds.
 *
 * @param lines in the order in which they were first run
 */
record Table(List<Line> lines) {
    /**
     * One policy at one load.
     *
     * @param meanOverJsq response over that of JSQ on the same jobs, in percent; NaN without JSQ
     * @param p99OverJsq the same at the 99th percentile
     */
    record Line(String name, double load, List<Reading> readings, double meanOverJsq, double p99OverJsq) {
        double median(ToDoubleFunction<Row> column) {
            return Sample.median(readings.stream().map(Reading::row).mapToDouble(column));
        }

        /** Largest of all seeds. */
        double most(ToDoubleFunction<Row> column) {
            return readings.stream().map(Reading::row).mapToDouble(column).max().orElse(Double.NaN);
        }

        /** Median of a figure beyond {@link Row}; NaN where the experiment does not have it. */
        double more(String what) {
            return Sample.median(readings.stream()
                    .filter(reading -> reading.more().containsKey(what))
                    .mapToDouble(reading -> reading.more().get(what)));
        }

        Policy policy() {
            return readings.get(0).policy();
        }
    }

    static Table of(List<Reading> readings) {
        Map<List<Object>, List<Reading>> groups = new LinkedHashMap<>();
        for (Reading reading : readings) {
            groups.computeIfAbsent(List.of(reading.row().load(), reading.row().name()), key -> new ArrayList<>())
                    .add(reading);
        }
        List<Line> lines = new ArrayList<>();
        groups.forEach((key, group) -> lines.add(new Line(
                group.get(0).row().name(),
                group.get(0).row().load(),
                group,
                over(group, readings, Row::meanResponse),
                over(group, readings, Row::p99Response))));
        return new Table(lines);
    }

    Line line(String name, double load) {
        return lines.stream()
                .filter(line -> line.name().equals(name) && line.load() == load)
                .findFirst()
                .orElse(new Line(name, load, List.of(), Double.NaN, Double.NaN));
    }

    List<Double> loads() {
        return lines.stream().map(Line::load).distinct().toList();
    }

    /** Response over JSQ's on the same jobs; NaN without JSQ. */
    private static double over(List<Reading> group, List<Reading> all, ToDoubleFunction<Row> column) {
        List<Reading> jsq = all.stream()
                .filter(reading -> reading.row().name().equals(Policy.JSQ.label())
                        && reading.row().load() == group.get(0).row().load())
                .toList();
        return 100 * (ratio(group, jsq, column) - 1);
    }

    /** Seed by seed, because the jobs of a seed are the same; then the median. */
    static double ratio(List<Reading> some, List<Reading> reference, ToDoubleFunction<Row> column) {
        return Sample.median(some.stream()
                .map(Reading::row)
                .flatMap(row -> reference.stream()
                        .map(Reading::row)
                        .filter(other -> other.seed() == row.seed())
                        .map(other -> column.applyAsDouble(row) / column.applyAsDouble(other)))
                .mapToDouble(ratio -> ratio));
    }
}
