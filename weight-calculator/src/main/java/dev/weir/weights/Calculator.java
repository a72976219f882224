package dev.weir.weights;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one door of the decision core: an {@link Observation} in, a {@link Proposal} out.
 *
 * <p>Serial: one thread calls it. It reads no clock and draws nothing at random.
 */
public final class Calculator {
    /**
     * @param settings constants
     * @param restored the last released proposal of an earlier process, in force until something better is released;
     *     null = none
     */
    public Calculator(Settings settings, @Nullable Proposal restored) {
        throw new UnsupportedOperationException(settings + " " + restored);
    }

    /** One tick. Never throws for what an observation holds. */
    public Proposal tick(Observation observation) {
        if (observation.pools().isEmpty()) {
            return new Proposal(List.of(), List.of(), new Proposal.Release(false, Set.of(), 0));
        }
        throw new UnsupportedOperationException(observation.toString());
    }
}
