package dev.weir.sim.policy;

import dev.weir.sim.Scenario;
import dev.weir.weights.Observation;
import dev.weir.weights.Proposal;
import java.util.Arrays;

/** A rule that is one formula for a provider's share; pushes whenever weights changed. */
final class ShareRule implements Rule {

    private final View view;
    private final Formula formula;
    private final boolean[] open;
    private int[][] last = new int[0][];

    /** Share of one member, up to a common factor, {@code >= 0}. */
    @FunctionalInterface
    interface Formula {
        double share(View view, int pool, int provider);
    }

    ShareRule(Scenario scenario, Formula formula) {
        this.view = new View(scenario);
        this.formula = formula;
        this.open = new boolean[scenario.providers().size()];
        Arrays.fill(open, true);
    }

    @Override
    public Answer tick(Observation observation) {
        view.read(observation);
        int[][] weights = new int[view.members.length][];
        for (int p = 0; p < weights.length; p++) {
            int pool = p;
            double[] shares = Arrays.stream(view.members[p])
                    .mapToDouble(k -> formula.share(view, pool, k))
                    .toArray();
            double sum = Arrays.stream(shares).sum();
            if (!(sum > 0)) {
                // 0/0 is where published formulas stop; by capacity is what they fall back to
                shares = Arrays.stream(view.members[p])
                        .mapToDouble(k -> view.capacity[k])
                        .toArray();
                sum = Arrays.stream(shares).sum();
            }
            weights[p] = new int[shares.length];
            for (int i = 0; i < shares.length; i++) {
                weights[p][i] = (int) Math.round(Proposal.TOTAL_WEIGHT * shares[i] / sum);
            }
        }
        boolean push = !Arrays.deepEquals(weights, last);
        last = weights;
        return new Answer(push, weights, view.capacity, open);
    }
}
