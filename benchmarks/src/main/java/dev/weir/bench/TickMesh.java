package dev.weir.bench;

import dev.weir.weights.Observation;
import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import dev.weir.weights.split.SplitProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A {@link SolverMesh} as observations: each provider with its slots nearly all busy, answers and load reports of now. */
final class TickMesh {
    private static final int TICKS = 2;
    private static final double TICK_SECONDS = 0.25;

    private final Observation[] seen = new Observation[TICKS];

    TickMesh(int providers, int pools) {
        SolverMesh mesh = new SolverMesh(providers, pools);
        SplittableRandom random = new SplittableRandom(1);
        SplitProblem problem = mesh.at(0);
        List<ProviderInput> declared = new ArrayList<>(providers);
        for (int k = 0; k < providers; k++) {
            declared.add(new ProviderInput("p" + k, problem.capacity[k], slots(problem, k), 1_000_000));
        }
        for (int i = 0; i < TICKS; i++) {
            List<PoolInput> classes = new ArrayList<>(pools);
            for (int t = 0; t < pools; t++) {
                List<MemberInput> members = new ArrayList<>();
                for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                    int k = problem.provider[e];
                    double share = (double) providers / mesh.members();
                    long inFlight = Math.round(random.nextDouble() * 1.5 * slots(problem, k) * share);
                    long done = Math.round(0.9 * problem.capacity[k] * share * TICK_SECONDS);
                    members.add(new MemberInput(declared.get(k).id(), inFlight, done, done, 0, false));
                }
                classes.add(new PoolInput("t" + t, members, 1000, 1));
            }
            seen[i] = new Observation(0, false, classes, declared);
        }
    }

    private static int slots(SplitProblem problem, int k) {
        return (int) Math.max(1, problem.capacity[k] / 5);
    }

    Observation at(long tick) {
        return seen[(int) (tick % TICKS)];
    }
}
