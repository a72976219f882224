package dev.weir.sim.policy;

import dev.weir.weights.Calculator;
import dev.weir.weights.Observation;
import dev.weir.weights.Proposal;
import dev.weir.weights.Settings;
import java.util.List;

/** Ours: the decision core itself. */
final class CoreRule implements Rule {
    private final Calculator calculator;

    CoreRule(Settings settings) {
        this.calculator = new Calculator(settings, null);
    }

    @Override
    public Answer tick(Observation observation) {
        Proposal proposal = calculator.tick(observation);
        boolean positive = true;
        int[][] weights = new int[proposal.pools().size()][];
        for (int p = 0; p < weights.length; p++) {
            List<Proposal.Member> members = proposal.pools().get(p).members();
            weights[p] = members.stream().mapToInt(Proposal.Member::weight).toArray();
            positive &= members.stream().anyMatch(m -> m.weight() > 0);
        }
        int n = proposal.providers().size();
        double[] capacity = new double[n];
        boolean[] open = new boolean[n];
        for (int k = 0; k < n; k++) {
            Proposal.ProviderState state = proposal.providers().get(k);
            capacity[k] = state.trustedCapacity();
            open[k] = state.status().serves();
        }
        return new Answer(proposal.release().released() && positive, weights, capacity, open);
    }
}
