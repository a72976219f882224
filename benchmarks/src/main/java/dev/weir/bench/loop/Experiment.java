package dev.weir.bench.loop;

import dev.weir.bench.Figure;
import java.util.List;
import java.util.Map;

/** Some trials, and what their readings must show. */
interface Experiment {
    /** What is done, in one line. */
    String title();

    /** In the order in which they are played: seeds outermost, so that slow changes of the machine hit all policies. */
    List<Trial> trials();

    /** Figures of one run beyond {@link Row}. */
    default Map<String, Double> more(Run run) {
        return Map.of();
    }

    /** What was promised beside what was measured; only of policies that ran. */
    List<Figure> figures(List<Reading> readings);
}
