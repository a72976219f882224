package dev.weir.bench.loop;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What is kept of a run.
 *
 * @param policy that was run
 * @param waitBySecond mean wait of the jobs meant to be sent in each second, milliseconds; NaN where there were none
 * @param more figures that only this experiment asks for, by what they are
 */
record Reading(Policy policy, Row row, List<Double> waitBySecond, Map<String, Double> more) {
    Reading {
        waitBySecond = List.copyOf(waitBySecond);
        more = Map.copyOf(more);
    }

    static Reading of(Run run, Map<String, Double> more) {
        List<Double> bySecond = IntStream.range(0, (int) run.trial().seconds())
                .mapToObj(second ->
                        Row.times(run, second, second + 1, Outcome::waitMillis).mean())
                .toList();
        Map<String, Double> all = new HashMap<>(more);
        all.putAll(run.notes());
        return new Reading(run.trial().policy(), Row.of(run), bySecond, all);
    }
}
