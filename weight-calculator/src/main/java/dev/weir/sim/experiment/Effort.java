package dev.weir.sim.experiment;

import java.util.List;
import java.util.function.Supplier;

/**
 * How much an experiment may run.
 *
 * @param seeds seeds of each cell; 0 = the experiment's own number
 * @param length factor on simulated times, 1 in full; checks hold for full length
 * @param workers what runs the cells
 */
public record Effort(int seeds, double length, Workers workers) {
    /** Runs independent pieces of work. */
    @FunctionalInterface
    public interface Workers {
        /** All results, in order. */
        <T> List<T> all(List<Supplier<T>> work);
    }

    /** Workers that run one piece after the other. */
    public static final Workers SERIAL = new Workers() {
        @Override
        public <T> List<T> all(List<Supplier<T>> work) {
            return work.stream().map(Supplier::get).toList();
        }
    };

    /** Everything in full, by these workers. */
    public static Effort full(Workers workers) {
        return new Effort(0, 1, workers);
    }

    /** The number of seeds, unless told otherwise {@code usual}. */
    public int seedsOr(int usual) {
        return seeds > 0 ? seeds : usual;
    }
}
