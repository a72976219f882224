package dev.weir.bench.loop;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What the command line may change.
 *
 * @param policies empty = those of the experiment
 * @param loads empty = those of the experiment; offered work over true capacity
 * @param sidecars Envoys that the jobs go through by turns
 * @param seconds of arrivals in each run
 * @param seeds runs of each policy
 */
record Settings(List<Policy> policies, List<Double> loads, int sidecars, int seconds, int seeds) {
    Settings {
        policies = List.copyOf(policies);
        loads = List.copyOf(loads);
    }

    List<Policy> policiesOr(List<Policy> others) {
        return policies.isEmpty() ? others : policies;
    }

    List<Double> loadsOr(List<Double> others) {
        return loads.isEmpty() ? others : loads;
    }

    double loadOr(double other) {
        return Optional.of(loads)
                .filter(some -> !some.isEmpty())
                .map(some -> some.get(0))
                .orElse(other);
    }

    LongStream seedNumbers() {
        return IntStream.rangeClosed(1, seeds).asLongStream();
    }
}
