package dev.weir.bench;

import dev.weir.weights.Proposal;
import dev.weir.weights.split.BlockDescent;
import dev.weir.weights.split.LargestRemainder;
import dev.weir.weights.split.SplitProblem;

/** The numeric kernel of one tick: water levels to a tick's tolerance, then whole weights per pool. */
final class Kernel {

    private final BlockDescent descent = new BlockDescent();
    private final LargestRemainder remainder = new LargestRemainder();
    private final double[] flow;
    private final double[] level;
    private final double[] residue;
    private final double[] carry;
    private final int[] weight;

    Kernel(SplitProblem like) {
        flow = new double[like.provider.length];
        level = new double[like.pools()];
        residue = new double[like.provider.length];
        carry = new double[like.provider.length];
        weight = new int[like.provider.length];
    }

    /** @return sweeps made */
    int tick(SplitProblem problem) {
        int sweeps = descent.solve(problem, flow, level, BlockDescent.TICK_TOLERANCE_SECONDS, BlockDescent.TICK_SWEEPS);
        for (int t = 0; t < problem.pools(); t++) {
            remainder.round(
                    flow,
                    residue,
                    problem.poolStart[t],
                    problem.poolStart[t + 1],
                    Proposal.TOTAL_WEIGHT,
                    weight,
                    carry);
        }
        System.arraycopy(carry, 0, residue, 0, carry.length);
        return sweeps;
    }

    /** Weight of a member after the last tick, of 1 000 000. */
    int weight(int member) {
        return weight[member];
    }
}
