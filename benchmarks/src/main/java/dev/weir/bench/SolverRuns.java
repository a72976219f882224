package dev.weir.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs one row at a time in a JVM of its own. */
final class SolverRuns {
    static final String KERNEL = "kernel";
    static final String TICK = "tick";
    private static final int WARM_TICKS = 40;

    private final int iterations;
    private final TimeValue time;

    SolverRuns(boolean quick) {
        iterations = quick ? 3 : 8;
        time = TimeValue.milliseconds(quick ? 300 : 1000);
    }

    SolverRow measure(String benchmark, int providers, int pools) throws RunnerException {
        Class<?> type = benchmark.equals(KERNEL) ? KernelBenchmark.class : TickBenchmark.class;
        Options options = new OptionsBuilder()
                .include("^" + type.getName().replace(".", "\\.") + "\\.")
                .param("providers", String.valueOf(providers))
                .param("pools", String.valueOf(pools))
                .forks(1)
                .warmupIterations(iterations)
                .warmupTime(time)
                .measurementIterations(iterations)
                .measurementTime(time)
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .build();
        Collection<RunResult> results = new Runner(options).run();
        RunResult result = results.iterator().next();
        Result<?> nanos = result.getPrimaryResult();
        Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
        Warm warm = warm(new SolverMesh(providers, pools));
        return new SolverRow(
                benchmark,
                providers,
                pools,
                warm.members(),
                warm.sweeps(),
                nanos.getScore(),
                nanos.getScoreError(),
                benchmark.equals(KERNEL) ? warm.bytes() : bytes == null ? Double.NaN : bytes.getScore());
    }

    /**
     * The kernel from tick to tick once its start is warm: what needs no clock.
     *
     * @param sweeps per tick
     * @param bytes allocated per tick, counted by the JVM for this thread (JMH's own would count too in its profiler's)
     */
    record Warm(int members, double sweeps, double bytes) {}

    static Warm warm(SolverMesh mesh) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Kernel kernel = new Kernel(mesh.at(0));
        for (int tick = 0; tick < SolverMesh.TICKS; tick++) {
            kernel.tick(mesh.at(tick));
        }
        int sweeps = 0;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int tick = 0; tick < WARM_TICKS; tick++) {
            sweeps += kernel.tick(mesh.at(tick));
        }
        double bytes = threads.getCurrentThreadAllocatedBytes() - before;
        return new Warm(mesh.members(), (double) sweeps / WARM_TICKS, bytes / WARM_TICKS);
    }
}
