package dev.weir.bench;

import dev.weir.control.cli.Machine;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code weir bench pick}: how long one choice among a hundred providers takes. */
@Command(
        name = "pick",
        mixinStandardHelpOptions = true,
        description =
                "Times the choice of a provider with JMH: 100 providers, first and second choice, with its bookkeeping.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every figure reached its target", "1:a figure missed its target", "2:an option is wrong"})
final class PickCommand implements Callable<Integer> {
    private static final double MEDIAN_NANOS = 1_000;
    private static final double P99_NANOS = 5_000;
    /** What the profiler itself allocates, spread over all calls, stays far below an object. */
    private static final double BYTES = 0.1;

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() throws RunnerException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Machine machine = Machine.here();
        out.printf("%s, %s, commit %s%n%n", machine.processor(), machine.java(), machine.commit());
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include("^" + PickBenchmark.class.getName().replace(".", "\\.") + "\\.")
                        .forks(1)
                        .warmupIterations(3)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(5)
                        .measurementTime(TimeValue.seconds(1))
                        .addProfiler(GCProfiler.class)
                        .verbosity(VerboseMode.SILENT)
                        .shouldFailOnError(true)
                        .build())
                .run();
        List<Figure> figures = new ArrayList<>();
        for (RunResult result : results) {
            if (result.getParams().getMode() == Mode.SampleTime) {
                figures.add(new Figure(
                        "pick among 100, median",
                        result.getPrimaryResult().getStatistics().getPercentile(50),
                        MEDIAN_NANOS,
                        "ns"));
                figures.add(new Figure(
                        "pick among 100, p99",
                        result.getPrimaryResult().getStatistics().getPercentile(99),
                        P99_NANOS,
                        "ns"));
            } else {
                out.printf("mean %.0f ns%n", result.getPrimaryResult().getScore());
                Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
                figures.add(new Figure(
                        "pick among 100, allocated per call",
                        bytes == null ? Double.NaN : bytes.getScore(),
                        BYTES,
                        "bytes"));
            }
        }
        figures.forEach(out::println);
        out.flush();
        return figures.stream().allMatch(Figure::met) ? 0 : 1;
    }
}
