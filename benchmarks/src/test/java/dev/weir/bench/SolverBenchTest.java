package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.cli.Machine;
import dev.weir.weights.Calculator;
import dev.weir.weights.Proposal;
import dev.weir.weights.Settings;
import dev.weir.weights.split.SplitProblem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SolverBenchTest {
    @Test
    void everyPoolOfTheMeshHasProvidersAndDemandBelowItsCapacity() {
        for (int pools : new int[] {1, 4, 64}) {
            SolverMesh mesh = new SolverMesh(200, pools);
            assertThat(mesh.members()).isEqualTo(200 * Math.min(4, pools));
            SplitProblem problem = mesh.at(1);
            for (int t = 0; t < pools; t++) {
                double capacity = 0;
                for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                    assertThat(problem.open[e]).isTrue();
                    capacity += problem.capacity[problem.provider[e]];
                }
                assertThat(problem.demand[t]).isPositive().isLessThan(capacity);
            }
        }
    }

    @Test
    void theKernelSplitsWholePoolsAndAllocatesNothingOnceWarm() {
        SolverMesh mesh = new SolverMesh(500, 8);
        Kernel kernel = new Kernel(mesh.at(0));
        kernel.tick(mesh.at(0));
        SplitProblem problem = mesh.at(0);
        for (int t = 0; t < problem.pools(); t++) {
            int sum = 0;
            for (int e = problem.poolStart[t]; e < problem.poolStart[t + 1]; e++) {
                sum += kernel.weight(e);
            }
            assertThat(sum).isEqualTo(1_000_000);
        }
        SolverRuns.Warm warm = SolverRuns.warm(mesh);
        assertThat(warm.bytes()).isZero();
        assertThat(warm.sweeps()).isBetween(1.0, 50.0);
    }

    @Test
    void theWholeTickSplitsTheSameMesh() {
        TickMesh mesh = new TickMesh(100, 4);
        Proposal proposal = new Calculator(Settings.DEFAULTS, null).tick(mesh.at(0));
        assertThat(proposal.pools())
                .hasSize(4)
                .allSatisfy(pool -> assertThat(pool.members())
                        .extracting(Proposal.Member::weight)
                        .satisfies(weights -> assertThat(
                                        weights.stream().mapToInt(w -> w).sum())
                                .isEqualTo(1_000_000)));
    }

    @Test
    void aFigureThatIsTooLargeOrUnknownIsMissed(@TempDir Path dir) throws Exception {
        SolverRow slow = new SolverRow(SolverRuns.KERNEL, 1_000_000, 1, 1_000_000, 1, 2e8, 1e6, 8);
        SolverRow fast = new SolverRow(SolverRuns.KERNEL, 1_000, 1, 1_000, 1, 3e4, 1e3, 0);
        List<Figure> figures = SolverCommand.figures(List.of(slow, fast));
        assertThat(figures).extracting(Figure::met).containsExactly(false, false, false, true, true);
        assertThat(new Figure("x", Double.NaN, 1, "ms").met()).isFalse();

        SolverFile.write(new Machine("cpu", "jvm", "abc"), List.of(slow, fast), figures, dir.resolve("out.json"));
        assertThat(Files.readString(dir.resolve("out.json")))
                .contains("\"commit\" : \"abc\"", "\"passed\" : false", "\"nanosPerMember\" : 200.0");
    }

    @Test
    void aWrongOptionIsRefused() {
        assertThat(new CommandLine(new SolverCommand()).execute("--slow")).isEqualTo(2);
    }
}
