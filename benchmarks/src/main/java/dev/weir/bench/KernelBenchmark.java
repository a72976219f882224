package dev.weir.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Time of {@link Kernel#tick}; public because JMH generates a subclass. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KernelBenchmark {
    @Param("10")
    public int providers;

    @Param("1")
    public int pools;

    private SolverMesh mesh = new SolverMesh(1, 1);
    private Kernel kernel = new Kernel(mesh.at(0));
    private int tick;

    @Setup
    public void setUp() {
        mesh = new SolverMesh(providers, pools);
        kernel = new Kernel(mesh.at(0));
    }

    @Benchmark
    public int tick() {
        tick = (tick + 1) % SolverMesh.TICKS;
        return kernel.tick(mesh.at(tick)) + kernel.weight(0);
    }
}
