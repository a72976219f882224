package dev.weir.bench;

import dev.weir.weights.Calculator;
import dev.weir.weights.Observation;
import dev.weir.weights.Proposal;
import dev.weir.weights.Settings;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Time of a whole {@link Calculator#tick}: estimates, split, price, reasons; public because JMH generates a subclass. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TickBenchmark {
    private static final long TICK_NANOS = 250_000_000;

    @Param("10")
    public int providers;

    @Param("1")
    public int pools;

    private TickMesh mesh = new TickMesh(1, 1);
    private Calculator calculator = new Calculator(Settings.DEFAULTS, null);
    private long ticks;

    @Setup
    public void setUp() {
        mesh = new TickMesh(providers, pools);
        calculator = new Calculator(Settings.DEFAULTS, null);
    }

    @Benchmark
    public Proposal tick() {
        ticks++;
        Observation seen = mesh.at(ticks);
        return calculator.tick(new Observation(ticks * TICK_NANOS, false, seen.pools(), seen.providers()));
    }
}
