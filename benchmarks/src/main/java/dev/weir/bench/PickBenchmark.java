package dev.weir.bench;

import dev.weir.weights.pick.LeastWait;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One pick, first and second choice, its grant and the end of an earlier one; public because JMH generates a subclass. */
@State(Scope.Thread)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PickBenchmark {
    private static final int UNDER_WAY = 256;

    @Param("100")
    public int providers;

    private LeastWait choice = new LeastWait(1);
    private int[] members = {0};
    private final int[] granted = new int[UNDER_WAY];
    private int at;

    @Setup
    public void setUp() {
        SplittableRandom random = new SplittableRandom(1);
        choice = new LeastWait(providers);
        members = IntStream.range(0, providers).toArray();
        for (int k : members) {
            int slots = 1 + random.nextInt(8);
            choice.setState(k, slots, slots, 10 + random.nextInt(90), 1, 1, true);
        }
        for (int i = 0; i < UNDER_WAY; i++) {
            choice.choose(members, providers, LeastWait.NONE);
            choice.grant(choice.first());
            granted[i] = choice.first();
        }
    }

    @Benchmark
    public int pick() {
        at = (at + 1) % UNDER_WAY;
        choice.end(granted[at]);
        choice.choose(members, providers, LeastWait.NONE);
        int first = choice.first();
        choice.grant(first);
        granted[at] = first;
        return first + choice.second();
    }
}
